package io.insula.controlplane.backup;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/// Where backups are in an S3-compatible store: `s3://BUCKET/PREFIX?endpoint=URL&region=REGION`. Immutable.
///
/// @param prefix of the names of all objects; empty, or ending with a slash
/// @param endpoint without a path
/// @param region as requests are signed for it
public record S3Location(String bucket, String prefix, URI endpoint, String region) {

    /// How such a place begins.
    public static final String SCHEME = "s3://";

    private static final String REGION = "us-east-1";

    /// Source: Amazon S3 user guide, "General purpose bucket naming rules".
    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");

    /// Source: the same, "Naming Amazon S3 objects", safe characters.
    private static final Pattern PREFIX = Pattern.compile("([A-Za-z0-9!_.*'()-]+/)*");

    private static final Pattern REGION_NAME = Pattern.compile("[A-Za-z0-9-]{1,64}");

    /// @throws IllegalArgumentException saying what is expected
    public static S3Location of(String text) {
        URI uri = parsed(text);
        Map<String, String> query = query(uri);
        String region = query.getOrDefault("region", REGION);
        String path = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
        String prefix = path.isEmpty() || path.endsWith("/") ? path : path + "/";
        String bucket = String.valueOf(uri.getAuthority());
        if (!BUCKET.matcher(bucket).matches()
                || !PREFIX.matcher(prefix).matches()
                || !REGION_NAME.matcher(region).matches()) {
            throw unexpected(text);
        }
        String endpoint = query.getOrDefault("endpoint", "https://s3." + region + ".amazonaws.com");
        return new S3Location(bucket, prefix, endpoint(text, endpoint), region);
    }

    private static URI parsed(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw unexpected(text);
        }
    }

    private static Map<String, String> query(URI uri) {
        var all = new LinkedHashMap<String, String>();
        if (uri.getQuery() != null) {
            for (String part : uri.getQuery().split("&", -1)) {
                String[] words = part.split("=", 2);
                boolean isKnown = words.length == 2 && (words[0].equals("endpoint") || words[0].equals("region"));
                if (!isKnown || all.put(words[0], words[1]) != null) {
                    throw unexpected(uri.toString());
                }
            }
        }
        return all;
    }

    private static URI endpoint(String text, String endpoint) {
        URI uri = parsed(endpoint.replaceFirst("/$", ""));
        boolean isUrl = ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()))
                && uri.getHost() != null
                && uri.getUserInfo() == null
                && uri.getPath().isEmpty()
                && uri.getQuery() == null
                && uri.getFragment() == null;
        if (!isUrl) {
            throw unexpected(text);
        }
        return uri;
    }

    private static IllegalArgumentException unexpected(String text) {
        return new IllegalArgumentException("\"" + text + "\" (expected: a folder, or"
                + " s3://BUCKET/PREFIX?endpoint=https://HOST:PORT&region=REGION without credentials)");
    }

    /// What an object is called below the endpoint.
    String path(String key) {
        return "/" + bucket + (key.isEmpty() ? "" : "/" + prefix + key);
    }

    /// As it was given, or would have been.
    @Override
    public String toString() {
        return SCHEME + bucket + "/" + prefix + "?endpoint=" + endpoint + "&region=" + region;
    }
}
