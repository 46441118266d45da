package io.insula.tenantapi.flowcontrol;

import io.insula.rules.digest.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;

/// Deals each flow a hand of queues, so that a flow that fills its queues leaves every other flow at least one that
/// is its own, with high probability. Pure. Source: Kubernetes documentation, "API Priority and Fairness", shuffle
/// sharding.
final class ShuffleShard {

    private ShuffleShard() {}

    /// The number of a flow: the same on every server.
    static long hash(String schema, String flow) {
        MessageDigest digest = Sha256.start();
        digest.update(schema.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        return ByteBuffer.wrap(digest.digest(flow.getBytes(StandardCharsets.UTF_8)))
                .getLong();
    }

    /// `handSize` different cards of `0 … deckSize - 1`: the digits of `hash` in the mixed radix of a shrinking
    /// deck.
    static int[] deal(long hash, int deckSize, int handSize) {
        int[] hand = new int[Math.min(handSize, deckSize)];
        int[] taken = new int[hand.length];
        long rest = hash;
        for (int i = 0; i < hand.length; i++) {
            int left = deckSize - i;
            int card = (int) Long.remainderUnsigned(rest, left);
            rest = Long.divideUnsigned(rest, left);
            for (int j = 0; j < i; j++) {
                // the card counts those still in the deck
                if (taken[j] <= card) {
                    card++;
                }
            }
            hand[i] = card;
            taken[i] = card;
            Arrays.sort(taken, 0, i + 1);
        }
        return hand;
    }
}
