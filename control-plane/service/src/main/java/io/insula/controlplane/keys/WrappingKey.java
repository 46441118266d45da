package io.insula.controlplane.keys;

import io.insula.rules.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.HexFormat;

/// A key-encryption key. Immutable; nothing of it is ever written but what it has wrapped.
final class WrappingKey {

    private static final int ID_BYTES = 16;

    private final String id;
    private final byte[] secret;

    private WrappingKey(String id, byte[] secret) {
        this.id = id;
        this.secret = secret;
    }

    /// @param secret of 32 bytes
    static WrappingKey of(byte[] secret) {
        var digest = Sha256.start();
        digest.update("insula key-encryption key".getBytes(StandardCharsets.US_ASCII));
        return new WrappingKey(HexFormat.of().formatHex(digest.digest(secret), 0, ID_BYTES), secret.clone());
    }

    /// By which files name it; tells nothing of it.
    String id() {
        return id;
    }

    /// @param about what the key is
    String wrap(byte[] key, String about) {
        return Base64.getEncoder().encodeToString(Envelope.seal(secret, key, about));
    }

    /// @throws GeneralSecurityException when it is none that this key has wrapped as that
    byte[] unwrap(String wrapped, String about) throws GeneralSecurityException {
        try {
            return Envelope.open(secret, Base64.getDecoder().decode(wrapped), about);
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("it is no base64", e);
        }
    }

    /// An earlier one, as the home keeps it under this one.
    String wrapFormer(WrappingKey former) {
        return wrap(former.secret, aboutFormer(former.id));
    }

    /// @throws GeneralSecurityException when it is none
    WrappingKey unwrapFormer(String formerId, String wrapped) throws GeneralSecurityException {
        WrappingKey former = of(unwrap(wrapped, aboutFormer(formerId)));
        if (!former.id.equals(formerId)) {
            throw new GeneralSecurityException("it is the key " + former.id);
        }
        return former;
    }

    private static String aboutFormer(String id) {
        return "insula former key 1 " + id;
    }

    @Override
    public String toString() {
        return "WrappingKey[" + id + "]";
    }
}
