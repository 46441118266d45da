package io.insula.controlplane.tenant;

import io.insula.controlplane.pki.ClusterPki;
import io.insula.controlplane.pki.KeyRing;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// Which keys of a tenant can be replaced while it runs.
public enum RotatedKeys {
    /// That which signs service account tokens.
    SERVICE_ACCOUNT("service-account", "ServiceAccountKeyRotating") {
        @Override
        KeyRing<?> in(ClusterPki pki) {
            return pki.serviceAccountKeys();
        }

        @Override
        String told(KeyRing.Keys<?> now, String until) {
            return now.isRotating()
                    ? now.name() + " signs tokens; those of " + now.formerName() + " are taken until " + until
                    : now.name() + " signs tokens, and those of no other key are taken";
        }
    },
    /// The authority of users' certificates and of the API server's own.
    AUTHORITY("ca", "AuthorityRotating") {
        @Override
        KeyRing<?> in(ClusterPki pki) {
            return pki.authorities();
        }

        @Override
        String told(KeyRing.Keys<?> now, String until) {
            return now.isRotating()
                    ? now.name() + " issues certificates; those of " + now.formerName() + " are taken until " + until
                    : now.name() + " issues certificates, and those of no other authority are taken";
        }
    },
    /// The authority by which API servers behind the tenant's know that it is the one that asks.
    FRONT_PROXY("front-proxy-ca", "FrontProxyRotating") {
        @Override
        KeyRing<?> in(ClusterPki pki) {
            return pki.frontProxyAuthorities();
        }

        @Override
        String told(KeyRing.Keys<?> now, String until) {
            return now.isRotating()
                    ? "API servers behind are told of " + now.name() + "; a certificate of " + now.formerName()
                            + " is shown to them until " + until
                    : "a certificate of " + now.name()
                            + " is shown to API servers behind, and they are told of no other";
        }
    };

    private final String word;
    private final String condition;

    RotatedKeys(String word, String condition) {
        this.word = word;
        this.condition = condition;
    }

    /// As people and the annotation call them.
    public String word() {
        return word;
    }

    /// The type of the condition that is `True` from the first phase to the second.
    public String condition() {
        return condition;
    }

    /// All words, for messages.
    public static String words() {
        return Arrays.stream(values()).map(RotatedKeys::word).collect(Collectors.joining(" or "));
    }

    /// Empty for what are none.
    public static Optional<RotatedKeys> ofWord(String word) {
        return Arrays.stream(values()).filter(each -> each.word.equals(word)).findFirst();
    }

    abstract KeyRing<?> in(ClusterPki pki);

    /// For people.
    ///
    /// @param until when the former key is dropped
    abstract String told(KeyRing.Keys<?> now, String until);
}
