package io.insula.controlplane.drill;

/// What is being done while something is killed.
enum Chore {
    /// A service begins where another one has died.
    BEGIN,
    CREATE,
    UPDATE,
    SLEEP,
    WAKE,
    SUSPEND,
    RESUME,
    BACKUP,
    RESTORE,
    ROTATE,
    DELETE
}
