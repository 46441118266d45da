package io.insula.tenantapi.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/// Whether and how an answer is compressed.
/// Source: kubernetes/apiserver, `handlers/responsewriters/writers.go` (128 KiB, level 1).
final class Gzip {

    private static final int FROM_BYTES = 128 * 1024;
    private static final int LEVEL = 1;

    private Gzip() {}

    static boolean fits(HttpRequest request, Map<String, List<String>> headers, byte[] body) {
        return body.length >= FROM_BYTES
                && headers.keySet().stream().noneMatch("Content-Encoding"::equalsIgnoreCase)
                && isAccepted(request);
    }

    static boolean isAccepted(HttpRequest request) {
        return request.headers("accept-encoding").stream().anyMatch(Gzip::names);
    }

    private static boolean names(String accepted) {
        for (String coding : accepted.split(",", -1)) {
            String plain = coding.replace(" ", "").toLowerCase(Locale.ROOT);
            if (plain.equals("gzip") || (plain.startsWith("gzip;") && !plain.matches("gzip;q=0(\\.0*)?"))) {
                return true;
            }
        }
        return false;
    }

    static byte[] of(byte[] body) {
        var packed = new ByteArrayOutputStream(body.length / 8);
        try (var out = new Fast(packed)) {
            out.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private static final class Fast extends GZIPOutputStream {

        Fast(ByteArrayOutputStream out) throws IOException {
            super(out);
            def.setLevel(LEVEL);
        }
    }
}
