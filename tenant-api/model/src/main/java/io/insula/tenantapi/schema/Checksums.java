package io.insula.tenantapi.schema;

import com.google.re2j.Pattern;

/// Numbers that carry their own check: books and credit cards.
final class Checksums {

    private static final Pattern ISBN_10 = Pattern.compile("[0-9]{9}[0-9X]");
    private static final Pattern ISBN_13 = Pattern.compile("[0-9]{13}");
    private static final Pattern CARD =
            Pattern.compile("4[0-9]{12}([0-9]{3})?|5[1-5][0-9]{14}|6(011|5[0-9][0-9])[0-9]{12}"
                    + "|3[47][0-9]{13}|3(0[0-5]|[68][0-9])[0-9]{11}|(2131|1800|35[0-9]{3})[0-9]{11}");

    private Checksums() {}

    static boolean isIsbn10(String text) {
        String digits = without(text, c -> Character.isWhitespace(c) || c == '-');
        if (!ISBN_10.matches(digits)) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 10; i++) {
            sum += (i + 1) * (digits.charAt(i) == 'X' ? 10 : digits.charAt(i) - '0');
        }
        return sum % 11 == 0;
    }

    static boolean isIsbn13(String text) {
        String digits = without(text, c -> Character.isWhitespace(c) || c == '-');
        if (!ISBN_13.matches(digits)) {
            return false;
        }
        int sum = 0;
        for (int i = 0; i < 13; i++) {
            sum += (i % 2 == 0 ? 1 : 3) * (digits.charAt(i) - '0');
        }
        return sum % 10 == 0;
    }

    /// Luhn's sum.
    static boolean isCreditCard(String text) {
        String digits = without(text, c -> c < '0' || c > '9');
        if (!CARD.matches(digits)) {
            return false;
        }
        int sum = 0;
        for (int i = digits.length() - 1, place = 0; i >= 0; i--, place++) {
            int digit = (digits.charAt(i) - '0') * (place % 2 == 0 ? 1 : 2);
            sum += digit > 9 ? digit - 9 : digit;
        }
        return sum % 10 == 0;
    }

    private static String without(String text, java.util.function.IntPredicate unwanted) {
        var kept = new StringBuilder();
        text.chars().filter(c -> !unwanted.test(c)).forEach(c -> kept.append((char) c));
        return kept.toString();
    }
}
