package io.insula.controlplane.backup;

import io.insula.rules.digest.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs requests to S3, the content with them. Source: Amazon S3 API reference, "Signature Calculations for the
/// Authorization Header: Transferring Payload in a Single Chunk (AWS Signature Version 4)".
///
/// @param host with its port, unless that is the scheme's own
record S3Signature(S3Credentials credentials, String region, String host) {

    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int DAY = 8;

    /// The headers that a request has besides `Host`.
    ///
    /// @param path not encoded
    /// @param contentSha256 in hexadecimal digits
    Map<String, String> sign(
            String method, String path, SortedMap<String, String> query, String contentSha256, Instant now) {
        String time = TIME.format(now);
        var headers = new TreeMap<String, String>();
        headers.put("x-amz-date", time);
        headers.put("x-amz-content-sha256", contentSha256);
        if (!credentials.token().isEmpty()) {
            headers.put("x-amz-security-token", credentials.token());
        }
        var signed = new TreeMap<>(headers);
        signed.put("host", host);
        String names = String.join(";", signed.keySet());
        String lines = signed.entrySet().stream()
                .map(header -> header.getKey() + ":" + header.getValue() + "\n")
                .collect(Collectors.joining());
        String request = String.join("\n", method, encodedPath(path), encoded(query), lines, names, contentSha256);
        String scope = time.substring(0, DAY) + "/" + region + "/s3/aws4_request";
        String text = String.join("\n", ALGORITHM, time, scope, Sha256.hex(utf8(request)));
        String signature = hex(mac(key(time.substring(0, DAY)), text));
        headers.put(
                "Authorization",
                ALGORITHM + " Credential=" + credentials.id() + "/" + scope + ",SignedHeaders=" + names + ",Signature="
                        + signature);
        return headers;
    }

    private byte[] key(String day) {
        byte[] key = utf8("AWS4" + credentials.secret());
        for (String part : new String[] {day, region, "s3", "aws4_request"}) {
            key = mac(key, part);
        }
        return key;
    }

    /// As it is signed, and sent.
    static String encoded(SortedMap<String, String> query) {
        return query.entrySet().stream()
                .map(part -> encoded(part.getKey()) + "=" + encoded(part.getValue()))
                .collect(Collectors.joining("&"));
    }

    /// As it is signed, and sent.
    static String encodedPath(String path) {
        return java.util.Arrays.stream(path.split("/", -1))
                .map(S3Signature::encoded)
                .collect(Collectors.joining("/"));
    }

    /// Source: RFC 3986, "Unreserved Characters": all others are encoded.
    private static String encoded(String text) {
        var out = new StringBuilder();
        for (byte each : utf8(text)) {
            char character = (char) (each & 0xff);
            boolean isUnreserved = (character >= 'A' && character <= 'Z')
                    || (character >= 'a' && character <= 'z')
                    || (character >= '0' && character <= '9')
                    || "-._~".indexOf(character) >= 0;
            if (isUnreserved) {
                out.append(character);
            } else {
                out.append('%').append(HexFormat.of().withUpperCase().toHexDigits(each));
            }
        }
        return out.toString();
    }

    private static byte[] mac(byte[] key, String text) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(utf8(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
