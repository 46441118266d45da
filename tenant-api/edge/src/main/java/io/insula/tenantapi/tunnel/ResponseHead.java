package io.insula.tenantapi.tunnel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Status line and headers of an answer. Source: RFC 9112, sections 4 and 5.
///
/// @param headers by lower-case name
record ResponseHead(int status, Map<String, List<String>> headers) {

    private static final int HEAD_BYTES = 64 * 1024;
    private static final int BODY_BYTES = 64 * 1024;

    static ResponseHead read(InputStream in) throws IOException {
        var budget = new int[] {HEAD_BYTES};
        while (true) {
            String first = line(in, budget);
            String[] parts = first.split(" ", 3);
            if (parts.length < 2 || !parts[0].startsWith("HTTP/1.") || !parts[1].matches("[1-5][0-9][0-9]")) {
                throw new IOException("the server does not speak HTTP/1.1");
            }
            int status = Integer.parseInt(parts[1]);
            var headers = headers(in, budget);
            if (status >= 200 || status == 101) {
                return new ResponseHead(status, headers);
            }
        }
    }

    private static Map<String, List<String>> headers(InputStream in, int[] budget) throws IOException {
        var headers = new LinkedHashMap<String, List<String>>();
        for (String line = line(in, budget); !line.isEmpty(); line = line(in, budget)) {
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw new IOException("the server sent a header without a name");
            }
            headers.computeIfAbsent(line.substring(0, colon).toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        return headers;
    }

    List<String> values(String name) {
        return headers.getOrDefault(name, List.of());
    }

    /// What follows the head, as far as it is short.
    byte[] body(InputStream in) throws IOException {
        return AnswerBody.of(this, in).readNBytes(BODY_BYTES);
    }

    static long number(String text, int radix) throws IOException {
        try {
            long value = Long.parseLong(text.strip(), radix);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new IOException("the server sent a length that is none: " + text);
    }

    static String line(InputStream in, int[] budget) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new IOException("the server hung up");
            }
            if (--budget[0] <= 0) {
                throw new IOException("the server's answer has too long a head");
            }
            line.write(octet);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
