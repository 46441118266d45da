/// The cases of the standards ([PodSecurityCases]), for every reader of pods, and their test on JSON trees.
@NullMarked
package io.insula.rules.podsecurity;

import org.jspecify.annotations.NullMarked;
