package io.insula.controlplane.audit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A piece of a spool, as read. Each line is one JSON object; what is not, is a loss and is stepped over, for
/// nothing behind it would ever arrive otherwise.
///
/// @param end where the next page begins, behind events and losses
record SpoolPage(List<Entry> entries, List<Loss> losses, long end) {

    /// How an event begins as long as this program has written any.
    private static final byte[] BEGINNING = "{\"kind\":\"Event\"".getBytes(StandardCharsets.US_ASCII);

    private static final JsonFactory JSON = new JsonFactory();

    SpoolPage {
        entries = List.copyOf(entries);
        losses = List.copyOf(losses);
    }

    /// An event and the position right after it.
    record Entry(byte[] line, long end) {}

    /// Bytes of a spool that are no event.
    ///
    /// @param position of the first of them
    /// @param what they seem to be, for people
    record Loss(long position, long bytes, String what) {}

    static SpoolPage empty(long at) {
        return new SpoolPage(List.of(), List.of(), at);
    }

    /// @param input begins at `position`
    /// @param end nothing is read behind it: the end of the segment, or of what is durable
    /// @param maxBytes stops at the first end of a line behind so many bytes
    static SpoolPage read(InputStream input, long position, long end, int maxBytes) throws IOException {
        var entries = new ArrayList<Entry>();
        var losses = new ArrayList<Loss>();
        var line = new ByteArrayOutputStream();
        long at = position;
        long begin = position;
        while (at < end && (begin == position || begin - position < maxBytes)) {
            int next = input.read();
            if (next < 0) {
                break;
            }
            at++;
            if (next == '\n') {
                take(line.toByteArray(), begin, at, entries, losses);
                line.reset();
                begin = at;
            } else {
                line.write(next);
            }
        }
        boolean through = begin - position < maxBytes || begin == position;
        if (through && begin < end) {
            losses.add(new Loss(begin, end - begin, "the end of a segment, torn off"));
            begin = end;
        }
        return new SpoolPage(entries, losses, begin);
    }

    private static void take(byte[] line, long begin, long end, List<Entry> entries, List<Loss> losses) {
        if (isObject(line)) {
            entries.add(new Entry(line, end));
            return;
        }
        // An earlier release went on right behind a part of an event that a full disk had left: what follows the part
        // was acknowledged.
        for (int at = indexOf(line, 1); at > 0; at = indexOf(line, at + 1)) {
            byte[] rest = Arrays.copyOfRange(line, at, line.length);
            if (isObject(rest)) {
                losses.add(new Loss(begin, at, "a part of an event"));
                entries.add(new Entry(rest, end));
                return;
            }
        }
        losses.add(new Loss(begin, end - begin, "not an event"));
    }

    private static int indexOf(byte[] line, int from) {
        for (int at = from; at + BEGINNING.length <= line.length; at++) {
            if (Arrays.equals(line, at, at + BEGINNING.length, BEGINNING, 0, BEGINNING.length)) {
                return at;
            }
        }
        return -1;
    }

    private static boolean isObject(byte[] line) {
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (IOException e) {
            return false;
        }
    }
}
