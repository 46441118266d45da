package io.insula.tenantapi.storage.cache;

import java.util.Comparator;

/// The order of keys by their UTF-8 bytes, as the store has them: Java's own differs for characters beyond 16 bits.
enum KeyOrder implements Comparator<String> {
    INSTANCE;

    @Override
    public int compare(String one, String other) {
        int common = Math.min(one.length(), other.length());
        for (int i = 0; i < common; i++) {
            char a = one.charAt(i);
            char b = other.charAt(i);
            if (a != b) {
                boolean wideA = Character.isSurrogate(a);
                return wideA == Character.isSurrogate(b) ? Character.compare(a, b) : wideA ? 1 : -1;
            }
        }
        return Integer.compare(one.length(), other.length());
    }
}
