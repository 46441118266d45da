package io.insula.controlplane.keys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What a thief of a disk looks for: private keys as PEM of any kind, as DER of P-256 keys, and that in base64.
public final class FoundKeys {

    /// As the JDK writes PKCS #8 of P-256, up to the secret itself.
    private static final String DER = binary("301306072a8648ce3d020106082a8648ce3d030107042730250201010420");

    private static final List<Pattern> SIGNS = List.of(
            Pattern.compile("-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----"),
            Pattern.compile(Pattern.quote(DER)),
            Pattern.compile("MEECAQAwEwYHKoZIzj0CAQYIKoZIzj0DAQcEJzAlAgEBBC"));

    private FoundKeys() {}

    /// The files of a folder, and of all below it, that have one.
    public static List<Path> in(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).filter(FoundKeys::has).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean has(Path file) {
        try {
            String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            return SIGNS.stream().anyMatch(sign -> sign.matcher(text).find());
        } catch (NoSuchFileException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String binary(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
    }
}
