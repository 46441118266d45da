package io.insula.controlplane.pki;

/// Key stores of this JVM hold keys in memory only, beside their passwords: libraries make one for each TLS client and
/// server, and by default each derives a key from its password in 10,000 rounds, twice, which protects nothing there.
/// Nothing may be written to a file in this form; Insula's keys are PEM files ([PemStore]).
///
/// Source: JDK 25, `conf/security/java.security`, `keystore.pkcs12.keyPbeIterationCount`, which a system
/// property of that name overrides.
public final class MemoryKeyStores {

    private static final String ROUNDS = "keystore.pkcs12.keyPbeIterationCount";

    /// The JVM's flag that says so.
    public static final String FLAG = "-D" + ROUNDS + "=1";

    private MemoryKeyStores() {}

    /// Says so for this JVM. Called before any TLS.
    public static void begin() {
        System.setProperty(ROUNDS, "1");
    }
}
