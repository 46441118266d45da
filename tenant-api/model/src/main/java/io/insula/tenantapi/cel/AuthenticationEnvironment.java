package io.insula.tenantapi.cel;

import com.google.common.collect.ImmutableMap;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the expressions of an authentication configuration may name: the claims of a token, or the user made of them.
/// Holds nothing of any tenant. Source: kubernetes/apiserver, `authentication/cel/compile.go`.
public final class AuthenticationEnvironment {

    public static final String CLAIMS = "claims";
    public static final String USER = "user";

    private static final ListType NAMES = ListType.create(SimpleType.STRING);
    private static final StructType USER_TYPE = user();

    private AuthenticationEnvironment() {}

    /// An expression over `claims` of any result.
    ///
    /// @throws CelException for what does not compile
    public static CelExpression claims(String source) {
        return compile(Shared.CLAIMS_ENVIRONMENT, source);
    }

    /// A condition over `claims`.
    public static CelExpression claimsCondition(String source) {
        return condition(Shared.CLAIMS_ENVIRONMENT, source);
    }

    /// A condition over `user`.
    public static CelExpression userCondition(String source) {
        return condition(Shared.USER_ENVIRONMENT, source);
    }

    private static CelExpression condition(CelEnvironment environment, String source) {
        CelExpression compiled = compile(environment, source);
        if (!compiled.resultType().equals(SimpleType.BOOL)) {
            throw new CelException("must evaluate to bool");
        }
        return compiled;
    }

    private static CelExpression compile(CelEnvironment environment, String source) {
        try {
            return environment.compile(source);
        } catch (CelException e) {
            throw new CelException("compilation failed: " + e.text());
        }
    }

    private static StructType user() {
        ImmutableMap<String, CelType> fields = ImmutableMap.of(
                "username",
                SimpleType.STRING,
                "uid",
                SimpleType.STRING,
                "groups",
                NAMES,
                "extra",
                MapType.create(SimpleType.STRING, NAMES));
        return StructType.create(
                "kubernetes.UserInfo", fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
    }

    /// Made when the first configuration is read.
    private static final class Shared {
        static final CelEnvironment CLAIMS_ENVIRONMENT =
                CelEnvironment.of(Map.of(CLAIMS, MapType.create(SimpleType.STRING, SimpleType.DYN)), List.of());
        static final CelEnvironment USER_ENVIRONMENT = CelEnvironment.of(Map.of(USER, USER_TYPE), List.of(USER_TYPE));
    }
}
