package io.insula.tenantapi.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/// The upstream conformance tests whose behaviour a test of ours proves, by their exact names
/// (`[sig-apps] Job should … [Conformance]`) in 1.34 or a later version. `CONFORMANCE.md` is generated from these and
/// from what became of the tests; a name that upstream does not have fails the test that bears it.
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(ConformanceRecorder.class)
public @interface Conformance {
    /// [#weaker] of a test that was compared with upstream's and looks at all that it looks at.
    String NOTHING = "nothing";

    String[] value();

    /// What upstream's test of that name looks at and ours does not: one text for each name, or one for all of them;
    /// [#NOTHING] where ours is as strong. Left out where nobody has compared the two: the table says so.
    String[] weaker() default {};
}
