package io.insula.tenantapi.tunnel;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/// The body of an answer: in chunks, of a length, or until the server hangs up. Confined to its reader.
/// Source: RFC 9112, sections 6 and 7.
final class AnswerBody extends PieceInput {

    private static final int HEAD_BYTES = 16 * 1024;

    private enum Form {
        CHUNKS,
        LENGTH,
        UNTIL_CLOSE
    }

    private final InputStream in;
    private final Form form;
    private long left;
    private boolean begun;
    private boolean ended;

    private AnswerBody(InputStream in, Form form, long left) {
        this.in = in;
        this.form = form;
        this.left = left;
    }

    static AnswerBody of(ResponseHead head, InputStream in) throws IOException {
        boolean chunks = head.values("transfer-encoding").stream()
                .anyMatch(coding -> coding.toLowerCase(Locale.ROOT).contains("chunked"));
        if (chunks) {
            return new AnswerBody(in, Form.CHUNKS, 0);
        }
        if (head.status() == 204 || head.status() == 304) {
            return new AnswerBody(in, Form.LENGTH, 0);
        }
        var lengths = head.values("content-length");
        return lengths.isEmpty()
                ? new AnswerBody(in, Form.UNTIL_CLOSE, Long.MAX_VALUE)
                : new AnswerBody(in, Form.LENGTH, ResponseHead.number(lengths.getFirst(), 10));
    }

    @Override
    protected int take(byte[] into, int offset, int length) throws IOException {
        if (left == 0 && !ended) {
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int count = in.read(into, offset, (int) Math.min(length, left));
        if (count < 0) {
            if (form == Form.UNTIL_CLOSE) {
                ended = true;
                return -1;
            }
            throw new EOFException("the answer was cut");
        }
        left -= form == Form.UNTIL_CLOSE ? 0 : count;
        return count;
    }

    private void nextChunk() throws IOException {
        if (form == Form.LENGTH) {
            ended = true;
            return;
        }
        var budget = new int[] {HEAD_BYTES};
        if (begun) {
            ResponseHead.line(in, budget);
        }
        begun = true;
        String size = ResponseHead.line(in, budget);
        int extension = size.indexOf(';');
        left = ResponseHead.number(extension < 0 ? size : size.substring(0, extension), 16);
        if (left == 0) {
            ended = true;
            while (!ResponseHead.line(in, budget).isEmpty()) {
                // trailers mean nothing to us
            }
        }
    }
}
