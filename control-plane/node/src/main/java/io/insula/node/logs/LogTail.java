package io.insula.node.logs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// Finds where the last lines of a log begin, from its end. Stateless.
final class LogTail {

    private static final int BLOCK_BYTES = 64 * 1024;

    private LogTail() {}

    /// Lines are the container's: parts of one count once.
    ///
    /// @return offset of the first byte of the last `lines` lines
    static long begin(FileChannel file, long lines) throws IOException {
        long size = file.size();
        if (lines <= 0) {
            return size;
        }
        long ends = 0;
        long lineEnd = size;
        for (long blockEnd = size; blockEnd > 0; ) {
            int length = (int) Math.min(BLOCK_BYTES, blockEnd);
            long start = blockEnd - length;
            ByteBuffer block = read(file, start, length);
            for (int i = length - 1; i >= 0; i--) {
                long at = start + i;
                if (block.get(i) != '\n' || at + 1 == size) {
                    continue;
                }
                // the line [at + 1, lineEnd) begins here
                ends += counts(file, at + 1, lineEnd, size) ? 1 : 0;
                if (ends > lines) {
                    return lineEnd;
                }
                lineEnd = at + 1;
            }
            blockEnd = start;
        }
        ends += counts(file, 0, lineEnd, size) ? 1 : 0;
        return ends > lines ? lineEnd : 0;
    }

    /// Whether a line of the container ends with this one of the file; what is last may not have ended yet.
    private static boolean counts(FileChannel file, long from, long to, long size) throws IOException {
        if (from >= to) {
            return false;
        }
        if (to == size) {
            return true;
        }
        int length = (int) Math.min(LogLine.LONGEST_HEAD, to - from);
        byte[] head = new byte[length];
        read(file, from, length).get(head);
        return LogLine.parse(head).map(LogLine::isWhole).orElse(true);
    }

    private static ByteBuffer read(FileChannel file, long from, int length) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(length);
        while (into.hasRemaining() && file.read(into, from + into.position()) >= 0) {
            // short reads happen
        }
        while (into.hasRemaining()) {
            into.put((byte) 0);
        }
        return into.flip();
    }
}
