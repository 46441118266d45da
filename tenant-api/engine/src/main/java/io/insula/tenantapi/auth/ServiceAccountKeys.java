package io.insula.tenantapi.auth;

import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.util.List;

/// The keys of one tenant's service account tokens (EC P-256). While keys rotate, tokens of the old key stay valid
/// because its public half stays in `trusted`.
///
/// @param signing signs new tokens
/// @param signingPublic its public half
/// @param trusted further public keys whose tokens are taken
public record ServiceAccountKeys(ECPrivateKey signing, ECPublicKey signingPublic, List<ECPublicKey> trusted) {
    public ServiceAccountKeys {
        trusted = List.copyOf(trusted);
    }
}
