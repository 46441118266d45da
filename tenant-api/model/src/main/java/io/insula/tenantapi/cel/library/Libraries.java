package io.insula.tenantapi.cel.library;

import java.util.List;

/// Every library that Kubernetes 1.34 gives an expression, beside CEL's own extensions.
public final class Libraries {

    private Libraries() {}

    /// @return what to declare and bind
    public static List<CelFunctions> all() {
        return List.of(
                AuthorizerLibrary.functions(),
                FormatLibrary.functions(),
                ListLibrary.functions(),
                NetworkLibrary.functions(),
                QuantityLibrary.functions(),
                RegexLibrary.functions(),
                SemverLibrary.functions(),
                StringFormat.functions(),
                UrlLibrary.functions());
    }
}
