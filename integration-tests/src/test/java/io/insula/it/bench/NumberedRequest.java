package io.insula.it.bench;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/// Requests that each create an object of another name: encoded once, only the digits at the name's end change.
/// Stateless.
final class NumberedRequest {

    private static final int DIGITS = 9;

    private NumberedRequest() {}

    /// A name with its number, of the same length for all numbers.
    static String name(String prefix, long number) {
        String digits = Long.toString(number);
        return prefix + "0".repeat(DIGITS - digits.length()) + digits;
    }

    /// A client that sends it each time with the next number.
    ///
    /// @param request encoded, with `name(prefix, 0)` in it
    static Load.Client creating(HttpLane lane, byte[] request, String prefix, AtomicLong numbers) {
        int digits = new String(request, StandardCharsets.ISO_8859_1).indexOf(name(prefix, 0)) + prefix.length();
        return () -> {
            long number = numbers.incrementAndGet();
            for (int i = DIGITS - 1; i >= 0; i--) {
                request[digits + i] = (byte) ('0' + number % 10);
                number /= 10;
            }
            lane.exchange(request, 201);
        };
    }
}
