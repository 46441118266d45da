package io.insula.controlplane.keys;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The file of an encrypted private key: a head with the format's version and the id of the data key, then the sealed
/// key. It is bound to its name: the file of another key in its place is none.
///
/// @param dataKey the id of the data key that it is sealed with
/// @param sealed as [Envelope] makes it
record SealedKey(String dataKey, byte[] sealed) {

    private static final String BEGIN = "-----BEGIN INSULA SEALED KEY-----\n";
    private static final String END = "\n-----END INSULA SEALED KEY-----\n";
    private static final Pattern TEXT = Pattern.compile(
            Pattern.quote(BEGIN) + "Version: 1\nData-Key: ([0-9a-f]{32})\n\n([A-Za-z0-9+/=\n]+)" + Pattern.quote(END));

    /// Whether a file holds an encrypted key, readable or not.
    static boolean isOne(String text) {
        return text.startsWith(BEGIN);
    }

    /// Whether a file holds a private key as it is.
    static boolean isPlain(String text) {
        return text.startsWith("-----BEGIN ") && text.contains("PRIVATE KEY-----");
    }

    static SealedKey seal(DataKey key, String name, String pem) {
        return new SealedKey(
                key.id(), Envelope.seal(key.secret(), pem.getBytes(StandardCharsets.US_ASCII), about(key.id(), name)));
    }

    /// @throws GeneralSecurityException when it is none of this release's
    static SealedKey parse(String text) throws GeneralSecurityException {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new GeneralSecurityException("it is no encrypted key of this release's (expected: version 1)");
        }
        try {
            return new SealedKey(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2)));
        } catch (IllegalArgumentException e) {
            throw new GeneralSecurityException("it is no base64", e);
        }
    }

    String open(DataKey key, String name) throws GeneralSecurityException {
        return new String(Envelope.open(key.secret(), sealed, about(dataKey, name)), StandardCharsets.US_ASCII);
    }

    String text() {
        return BEGIN + "Version: 1\nData-Key: " + dataKey + "\n\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(sealed) + END;
    }

    private static String about(String dataKey, String name) {
        return "insula key 1 " + dataKey + " " + name;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SealedKey it && it.text().equals(text());
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    @Override
    public String toString() {
        return "SealedKey[" + dataKey + "]";
    }
}
