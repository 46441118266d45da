package io.insula.tenantapi.registry;

/// CreateOptions, UpdateOptions and PatchOptions in one.
///
/// @param fieldManager as asked; empty for the agent's name
/// @param force of server-side apply: take fields from other managers
public record WriteOptions(String fieldManager, boolean dryRun, FieldValidation fieldValidation, boolean force) {

    /// What happens to unknown and duplicate fields.
    public enum FieldValidation {
        IGNORE,
        WARN,
        STRICT
    }

    public static final WriteOptions DEFAULT = new WriteOptions("", false, FieldValidation.IGNORE, false);
}
