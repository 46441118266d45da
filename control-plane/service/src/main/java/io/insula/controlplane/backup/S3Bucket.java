package io.insula.controlplane.backup;

import io.insula.reconcile.Backoff;
import io.insula.rules.digest.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// The objects of one bucket below a prefix. What fails for a reason that may pass (no connection, an answer that ends
/// in its middle, the store's own trouble) is tried again a few times. Large objects are written and read in parts of
/// [#PART_BYTES], so that little memory is needed and little is lost with a connection. Thread-safe.
///
/// Source: Amazon S3 API reference, "Actions".
final class S3Bucket {

    /// Source: Amazon S3 user guide, "Amazon S3 multipart upload limits": 5 MiB at least, and 10,000 parts at most.
    static final int PART_BYTES = 16 << 20;

    private static final int ATTEMPTS = 4;
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(15);
    private static final Duration ANSWER_WITHIN = Duration.ofMinutes(3);
    private static final int TOO_MANY = 429;
    private static final int NOT_IMPLEMENTED = 501;

    private final S3Location location;
    private final S3Credentials.Source credentials;
    private final InstantSource clock;
    private final Backoff backoff;
    private final String host;
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT_WITHIN)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /// @param pause before something is tried again for the first time; grows from there
    S3Bucket(S3Location location, S3Credentials.Source credentials, InstantSource clock, Duration pause) {
        this.location = location;
        this.credentials = credentials;
        this.clock = clock;
        this.backoff = new Backoff(pause, pause.multipliedBy(1L << ATTEMPTS));
        this.host = host(location.endpoint());
    }

    /// As the JDK's client calls it.
    private static String host(URI endpoint) {
        int standard = endpoint.getScheme().equals("https") ? 443 : 80;
        return endpoint.getPort() < 0 || endpoint.getPort() == standard
                ? endpoint.getHost()
                : endpoint.getHost() + ":" + endpoint.getPort();
    }

    /// An object.
    record Item(String key, long bytes, String etag) {}

    void put(String key, byte[] content) throws S3Exception {
        send("PUT", key, Map.of(), content, Map.of());
    }

    /// Under its name only once all of it is there.
    void put(String key, Path file) throws IOException {
        if (Files.size(file) <= PART_BYTES) {
            put(key, Files.readAllBytes(file));
            return;
        }
        String upload = S3Xml.text(
                send("POST", key, Map.of("uploads", ""), new byte[0], Map.of()).body(), "UploadId");
        try {
            complete(key, upload, parts(key, upload, file));
        } catch (IOException e) {
            try {
                abort(key, upload);
            } catch (S3Exception more) {
                e.addSuppressed(more);
            }
            throw e;
        }
    }

    private List<String> parts(String key, String upload, Path file) throws IOException {
        var etags = new ArrayList<String>();
        try (InputStream in = Files.newInputStream(file)) {
            for (byte[] part = in.readNBytes(PART_BYTES); part.length > 0; part = in.readNBytes(PART_BYTES)) {
                String number = Integer.toString(etags.size() + 1);
                HttpResponse<byte[]> answer =
                        send("PUT", key, Map.of("partNumber", number, "uploadId", upload), part, Map.of());
                etags.add(answer.headers().firstValue("ETag").orElse(""));
            }
        }
        return etags;
    }

    /// The store may find only after it has begun to answer that it cannot.
    private void complete(String key, String upload, List<String> etags) throws S3Exception {
        byte[] answer = send("POST", key, Map.of("uploadId", upload), S3Xml.parts(etags), Map.of())
                .body();
        if (S3Xml.isError(answer)) {
            throw refused("the upload of " + key + " cannot be completed", 200, answer);
        }
    }

    /// What was uploaded of an object that nobody will complete goes.
    void abort(String key, String upload) throws S3Exception {
        send("DELETE", key, Map.of("uploadId", upload), new byte[0], Map.of());
    }

    /// Uploads below a name that were begun and neither completed nor aborted: their ids by their objects' names. None
    /// where a store does not tell of them.
    Map<String, String> uploads(String below) throws S3Exception {
        try {
            byte[] answer = send(
                            "GET",
                            "",
                            Map.of("uploads", "", "prefix", location.prefix() + below),
                            new byte[0],
                            Map.of())
                    .body();
            var all = new TreeMap<String, String>();
            S3Xml.each(answer, "Upload")
                    .forEach(upload -> all.put(relative(S3Xml.child(upload, "Key")), S3Xml.child(upload, "UploadId")));
            return all;
        } catch (S3Exception e) {
            if (e.isNotImplemented()) {
                return Map.of();
            }
            throw e;
        }
    }

    /// Empty where there is none.
    Optional<byte[]> get(String key) throws S3Exception {
        try {
            return Optional.of(send("GET", key, Map.of(), new byte[0], Map.of()).body());
        } catch (S3Exception e) {
            if (e.isNoSuchKey()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// Reads an object part by part; all of them are of the same object, or it fails.
    InputStream open(String key) throws S3Exception {
        List<Item> found = list(key);
        Item item = found.stream()
                .filter(each -> each.key().equals(key))
                .findFirst()
                .orElseThrow(() -> new S3Exception("NoSuchKey", key + " is not there"));
        return new S3Input(item.bytes(), PART_BYTES, (from, length) -> part(item, from, length));
    }

    private byte[] part(Item item, long from, int length) throws S3Exception {
        var wanted = new TreeMap<>(Map.of("Range", "bytes=" + from + "-" + (from + length - 1)));
        if (!item.etag().isEmpty()) {
            wanted.put("If-Match", item.etag());
        }
        byte[] content = send("GET", item.key(), Map.of(), new byte[0], wanted).body();
        if (content.length != length) {
            throw new S3Exception(
                    "", item.key() + ": the store sent " + content.length + " bytes (expected: " + length + ")");
        }
        return content;
    }

    /// All objects whose names begin so, in the order of their names.
    List<Item> list(String below) throws S3Exception {
        var all = new ArrayList<Item>();
        String token = "";
        do {
            var query = new TreeMap<>(Map.of("list-type", "2", "prefix", location.prefix() + below));
            if (!token.isEmpty()) {
                query.put("continuation-token", token);
            }
            byte[] answer = send("GET", "", query, new byte[0], Map.of()).body();
            S3Xml.each(answer, "Contents")
                    .forEach(each -> all.add(new Item(
                            relative(S3Xml.child(each, "Key")),
                            Long.parseLong(S3Xml.child(each, "Size")),
                            S3Xml.child(each, "ETag"))));
            token = S3Xml.text(answer, "NextContinuationToken");
        } while (!token.isEmpty());
        return all;
    }

    /// What is not there stays so.
    void delete(String key) throws S3Exception {
        send("DELETE", key, Map.of(), new byte[0], Map.of());
    }

    private String relative(String key) {
        return key.startsWith(location.prefix())
                ? key.substring(location.prefix().length())
                : key;
    }

    /// @param headers besides those of the signature
    private HttpResponse<byte[]> send(
            String method, String key, Map<String, String> query, byte[] content, Map<String, String> headers)
            throws S3Exception {
        S3Exception last = null;
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try {
                HttpResponse<byte[]> answer = sendOnce(method, key, query, content, headers);
                int status = answer.statusCode();
                if (status < 300) {
                    return answer;
                }
                last = refused(method + " " + (key.isEmpty() ? location.bucket() : key), status, answer.body());
                if (!mayPass(status)) {
                    throw last;
                }
            } catch (IOException | TimeoutException e) {
                if (e instanceof S3Exception told) {
                    throw told;
                }
                last = new S3Exception(
                        "", "the store of backups at " + location.endpoint() + " cannot be reached: " + e, e);
            }
            if (attempt < ATTEMPTS) {
                await(backoff.after(attempt));
            }
        }
        throw Objects.requireNonNull(last);
    }

    private static boolean mayPass(int status) {
        return (status >= 500 && status != NOT_IMPLEMENTED) || status == TOO_MANY;
    }

    private HttpResponse<byte[]> sendOnce(
            String method, String key, Map<String, String> query, byte[] content, Map<String, String> headers)
            throws IOException, TimeoutException {
        var sorted = new TreeMap<>(query);
        String path = location.path(key);
        String encoded = sorted.isEmpty() ? "" : "?" + S3Signature.encoded(sorted);
        var request = HttpRequest.newBuilder(URI.create(location.endpoint() + S3Signature.encodedPath(path) + encoded))
                .method(method, content.length == 0 ? empty(method) : BodyPublishers.ofByteArray(content));
        headers.forEach(request::header);
        String hash = Sha256.hex(content);
        new S3Signature(credentials.read(), location.region(), host)
                .sign(method, path, sorted, hash, clock.instant())
                .forEach(request::header);
        // the client's own deadline ends with the headers
        CompletableFuture<HttpResponse<byte[]>> answer = http.sendAsync(request.build(), BodyHandlers.ofByteArray());
        try {
            return answer.get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new S3Exception("", "interrupted", e);
        } finally {
            answer.cancel(true);
        }
    }

    private static HttpRequest.BodyPublisher empty(String method) {
        return method.equals("PUT") || method.equals("POST")
                ? BodyPublishers.ofByteArray(new byte[0])
                : BodyPublishers.noBody();
    }

    private static void await(Duration pause) throws S3Exception {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new S3Exception("", "interrupted", e);
        }
    }

    private S3Exception refused(String what, int status, byte[] answer) {
        String code = S3Xml.isError(answer) ? S3Xml.text(answer, "Code") : "";
        String region = S3Xml.isError(answer) ? S3Xml.text(answer, "Region") : "";
        String why = switch (code) {
            case "NoSuchBucket" -> "there is no bucket \"" + location.bucket() + "\": make it, or name another one";
            case "InvalidAccessKeyId",
                    "SignatureDoesNotMatch",
                    "ExpiredToken",
                    "InvalidToken",
                    "TokenRefreshRequired" -> "the credentials are refused (" + code + "): replace them";
            case "AccessDenied" ->
                "access is denied: the credentials need to list, get, put and delete objects, and to abort uploads, in"
                        + " bucket \"" + location.bucket() + "\"";
            case "RequestTimeTooSkewed" -> "this machine's clock differs too much from the store's";
            default -> code.isEmpty() ? "" : code + ": " + S3Xml.text(answer, "Message");
        };
        String elsewhere = region.isEmpty() || region.equals(location.region())
                ? ""
                : "; the bucket is in region " + region + ": say so with region=" + region;
        return new S3Exception(
                code,
                "the store of backups at " + location.endpoint() + " answers " + status + " to " + what
                        + (why.isEmpty() ? "" : ": " + why) + elsewhere);
    }
}
