package io.insula.tenantapi.flowcontrol;

import java.util.List;

/// Shares seats out among levels by what they lately wanted. Pure. Source: KEP-1040, "Seat Borrowing".
final class Borrowing {

    private static final double LEAST_TARGET = 0.001;
    private static final int STEPS = 100;

    private Borrowing() {}

    /// @param target what it would like to have, at least `low`
    record Claim(double target, double low, double high) {
        double at(double fraction) {
            return Math.clamp(fraction * Math.max(target, LEAST_TARGET), low, high);
        }
    }

    /// To each the same fraction of its target, but no less than its low and no more than its high, so that all add
    /// up to `seats`, as far as the bounds let them. The sum grows with the fraction: the right one is found by
    /// halving.
    static List<Integer> share(int seats, List<Claim> claims) {
        double low = 0;
        double high = 1;
        while (sum(claims, high) < seats && high < 1e9) {
            high *= 2;
        }
        for (int i = 0; i < STEPS; i++) {
            double middle = (low + high) / 2;
            if (sum(claims, middle) < seats) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double fraction = high;
        return claims.stream()
                .map(claim -> (int) Math.round(claim.at(fraction)))
                .toList();
    }

    private static double sum(List<Claim> claims, double fraction) {
        return claims.stream().mapToDouble(claim -> claim.at(fraction)).sum();
    }
}
