package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

final class GzipTailTest {

    @Test
    void unpacksToTheBeginAndTheEnd() throws IOException {
        long seed = Long.getLong("insula.fuzz.seed", System.nanoTime());
        System.out.println("GzipTailTest seed " + seed);
        var random = new Random(seed);
        for (int i = 0; i < 200; i++) {
            byte[] begin = bytes(random, random.nextInt(i == 0 ? 1 : 2_000));
            byte[] end = bytes(random, random.nextInt(i == 1 ? 1 : 300_000));

            byte[] packed = GzipTail.of(end).after(begin);

            var both = new ByteArrayOutputStream();
            both.writeBytes(begin);
            both.writeBytes(end);
            // the stream checks the sum and the length
            try (var in = new GZIPInputStream(new ByteArrayInputStream(packed))) {
                assertThat(in.readAllBytes()).as("seed " + seed).isEqualTo(both.toByteArray());
            }
        }
    }

    @Test
    void refusesABeginThatOneBlockCannotHold() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GzipTail.of(new byte[0]).after(new byte[65_536]));
    }

    /// Half of them easy to pack.
    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        if (random.nextBoolean()) {
            random.nextBytes(bytes);
        }
        return bytes;
    }
}
