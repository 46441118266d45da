package io.insula.tenantapi.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/// Attempts with random input, each from a seed of its own, which its failure names. Every run makes the same ones, so
/// that what was found stays found, and as many from a seed that no run had before, which is printed.
/// `-Dinsula.fuzz.seed` makes only those that begin there; `-Dinsula.fuzz.cases` says how many there are. An attempt
/// that asks for much memory fails; one that does not end is the matter of the test's `@Timeout`.
public final class Fuzz {

    private static final String PROPERTY = "insula.fuzz.seed";
    private static final long SEED = 34_000_000;
    private static final int LONGEST_CUT = 12;
    private static final int LONGEST_COPY = 60;

    private Fuzz() {}

    /// One attempt.
    public interface Attempt {
        void with(Random random) throws Exception;
    }

    /// @param cases how many, where nothing else is said
    /// @param mostBytes that one attempt may ask for in its thread
    public static void run(int cases, long mostBytes, Attempt attempt) {
        int count = Integer.getInteger("insula.fuzz.cases", cases);
        seeds(SEED).forEach(first -> run(first, count, mostBytes, attempt));
    }

    /// Where to begin: at `fixed` and at this run's own seed, or only where `-Dinsula.fuzz.seed` says.
    public static LongStream seeds(long fixed) {
        Long asked = Long.getLong(PROPERTY);
        return asked == null ? LongStream.of(fixed, OfThisRun.SEED) : LongStream.of(asked);
    }

    /// Made and printed when somebody first asks.
    private static final class OfThisRun {
        private static final long SEED = new Random().nextLong(Integer.MAX_VALUE);

        static {
            System.out.println("random tests begin at -D" + PROPERTY + "=" + SEED);
        }
    }

    private static void run(long first, int count, long mostBytes, Attempt attempt) {
        for (int i = 0; i < count; i++) {
            long seed = first + i;
            try {
                // the first one may have to load classes: what it asks for the second time is its own
                if (asked(seed, attempt) > mostBytes) {
                    long asked = asked(seed, attempt);
                    if (asked > mostBytes) {
                        throw new AssertionError("asked for " + asked + " bytes (expected: <= " + mostBytes + ")");
                    }
                }
            } catch (Throwable e) {
                throw new AssertionError("again with -D" + PROPERTY + "=" + seed + " -Dinsula.fuzz.cases=1: " + e, e);
            }
        }
    }

    private static long asked(long seed, Attempt attempt) throws Exception {
        long before = allocated();
        attempt.with(new Random(seed));
        return allocated() - before;
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    public static <T> T any(Random random, List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    /// The text with a few of its parts cut, copied, swapped for others, or with tokens put between.
    public static String mutated(Random random, String text, List<String> tokens) {
        var out = new StringBuilder(text);
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(out.length() + 1);
            int cut = Math.min(out.length(), at + random.nextInt(LONGEST_CUT));
            switch (random.nextInt(5)) {
                case 0 -> out.insert(at, any(random, tokens));
                case 1 -> out.replace(at, cut, any(random, tokens));
                case 2 -> out.delete(at, cut);
                case 3 -> out.insert(at, out.substring(at, Math.min(out.length(), at + random.nextInt(LONGEST_COPY))));
                default -> out.replace(at, Math.min(out.length(), at + 1), String.valueOf((char) random.nextInt(128)));
            }
        }
        return out.toString();
    }

    /// Bytes with a few of them changed, cut or put between.
    public static byte[] mutated(Random random, byte[] bytes) {
        byte[] out = bytes;
        for (int i = 1 + random.nextInt(4); i > 0 && out.length > 0; i--) {
            int at = random.nextInt(out.length);
            switch (random.nextInt(4)) {
                case 0 -> {
                    out = out.clone();
                    out[at] = (byte) random.nextInt(256);
                }
                case 1 -> {
                    out = out.clone();
                    out[at] ^= (byte) (1 << random.nextInt(8));
                }
                case 2 -> out = spliced(out, at, Math.min(out.length, at + 1 + random.nextInt(8)), new byte[0]);
                default -> {
                    byte[] more = new byte[1 + random.nextInt(8)];
                    random.nextBytes(more);
                    out = spliced(out, at, at, more);
                }
            }
        }
        return out;
    }

    private static byte[] spliced(byte[] bytes, int from, int to, byte[] more) {
        byte[] out = new byte[bytes.length - (to - from) + more.length];
        System.arraycopy(bytes, 0, out, 0, from);
        System.arraycopy(more, 0, out, from, more.length);
        System.arraycopy(bytes, to, out, from + more.length, bytes.length - to);
        return out;
    }
}
