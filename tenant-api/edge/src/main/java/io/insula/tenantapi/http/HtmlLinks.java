package io.insula.tenantapi.http;

import static java.util.Map.entry;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A page in HTML as it comes, with its links led elsewhere; all else stays as it is, byte for byte. Holds one tag or a
/// piece of text at a time; a tag that is longer than any should be is left alone. Not thread-safe.
///
/// Source: kubernetes/apimachinery, `pkg/util/proxy/transport.go`; which attributes are links: the indexes of
/// attributes of HTML 4.01 and HTML.
final class HtmlLinks extends InputStream {

    private static final int PIECE_BYTES = 8 * 1024;
    private static final int LONGEST_TAG = 64 * 1024;

    private static final Map<String, Set<String>> LINKS = Map.ofEntries(
            entry("a", Set.of("href")),
            entry("applet", Set.of("codebase")),
            entry("area", Set.of("href")),
            entry("audio", Set.of("src")),
            entry("base", Set.of("href")),
            entry("blockquote", Set.of("cite")),
            entry("body", Set.of("background")),
            entry("button", Set.of("formaction")),
            entry("del", Set.of("cite")),
            entry("embed", Set.of("src")),
            entry("form", Set.of("action")),
            entry("frame", Set.of("longdesc", "src")),
            entry("head", Set.of("profile")),
            entry("html", Set.of("manifest")),
            entry("iframe", Set.of("longdesc", "src")),
            entry("img", Set.of("longdesc", "src", "usemap")),
            entry("input", Set.of("formaction", "src", "usemap")),
            entry("ins", Set.of("cite")),
            entry("link", Set.of("href")),
            entry("object", Set.of("classid", "codebase", "data", "usemap")),
            entry("q", Set.of("cite")),
            entry("script", Set.of("src")),
            entry("source", Set.of("src")),
            entry("track", Set.of("src")),
            entry("video", Set.of("poster", "src")));
    /// What they hold is no HTML.
    private static final Set<String> RAW = Set.of("script", "style", "textarea", "title");

    private static final Pattern NAME = Pattern.compile("<([a-zA-Z][a-zA-Z0-9]*)");
    private static final Pattern ATTRIBUTE =
            Pattern.compile("(?<=[\\s/\"'])([a-zA-Z][a-zA-Z0-9-]*)(\\s*=\\s*)(\"[^\"]*\"|'[^']*'|[^\\s\"'>]+)");

    private final BufferedInputStream in;
    private final UnaryOperator<String> link;
    private byte[] ready = new byte[0];
    private int next;
    /// How the raw text ends that is being read; empty outside of one.
    private String end = "";

    /// @param link what a link's text is for who reads; called with every one
    HtmlLinks(InputStream page, UnaryOperator<String> link) {
        this.in = new BufferedInputStream(page, PIECE_BYTES);
        this.link = link;
    }

    @Override
    public int read() throws IOException {
        return fill() ? ready[next++] & 0xff : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, ready.length - next);
        System.arraycopy(ready, next, into, offset, count);
        next += count;
        return count;
    }

    private boolean fill() throws IOException {
        if (next == ready.length) {
            ready = piece();
            next = 0;
        }
        return ready.length > 0;
    }

    private byte[] piece() throws IOException {
        int first = in.read();
        if (first < 0) {
            return new byte[0];
        }
        if (first == '<' && (end.isEmpty() ? beginsTag() : endsRawText())) {
            end = "";
            return tag();
        }
        return text(first);
    }

    private byte[] text(int first) throws IOException {
        var text = new ByteArrayOutputStream();
        text.write(first);
        while (text.size() < PIECE_BYTES && in.available() > 0) {
            in.mark(1);
            int read = in.read();
            if (read < 0) {
                break;
            }
            if (read == '<') {
                in.reset();
                break;
            }
            text.write(read);
        }
        return text.toByteArray();
    }

    private boolean beginsTag() throws IOException {
        in.mark(1);
        int read = in.read();
        in.reset();
        return Character.isLetter(read);
    }

    private boolean endsRawText() throws IOException {
        in.mark(end.length());
        String ahead = new String(in.readNBytes(end.length()), StandardCharsets.ISO_8859_1);
        in.reset();
        return ahead.equalsIgnoreCase(end);
    }

    /// The `<` has been read.
    private byte[] tag() throws IOException {
        var tag = new StringBuilder("<");
        int quote = 0;
        while (tag.length() < LONGEST_TAG) {
            int read = in.read();
            if (read < 0) {
                break;
            }
            tag.append((char) read);
            if (quote != 0) {
                quote = read == quote ? 0 : quote;
            } else if (read == '>') {
                return rewritten(tag.toString()).getBytes(StandardCharsets.ISO_8859_1);
            } else if (read == '"' || read == '\'') {
                quote = read;
            }
        }
        return tag.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private String rewritten(String tag) {
        Matcher named = NAME.matcher(tag);
        if (!named.lookingAt()) {
            return tag;
        }
        String name = named.group(1).toLowerCase(Locale.ROOT);
        if (RAW.contains(name)) {
            end = "/" + name;
        }
        Set<String> links = LINKS.getOrDefault(name, Set.of());
        return links.isEmpty()
                ? tag
                : ATTRIBUTE.matcher(tag).replaceAll(found -> {
                    boolean isLink = links.contains(found.group(1).toLowerCase(Locale.ROOT));
                    return Matcher.quoteReplacement(
                            isLink ? found.group(1) + found.group(2) + led(found.group(3)) : found.group());
                });
    }

    private String led(String value) {
        char quote = value.charAt(0);
        return quote == '"' || quote == '\''
                ? quote + link.apply(value.substring(1, value.length() - 1)) + quote
                : link.apply(value);
    }
}
