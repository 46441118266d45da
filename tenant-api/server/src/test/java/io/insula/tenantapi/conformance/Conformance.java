package io.insula.tenantapi.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The upstream conformance tests whose behaviour a test of ours proves, by their exact names
/// (`[sig-apps] Job should … [Conformance]`). `CONFORMANCE.md` is generated from these.
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Conformance {
    String[] value();
}
