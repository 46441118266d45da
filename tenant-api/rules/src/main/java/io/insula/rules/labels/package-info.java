/// What selectors ask of labels, for whoever decides it: the API server, the syncer, a node's walls. It knows neither
/// trees nor typed models: these are their owners'.
@NullMarked
package io.insula.rules.labels;

import org.jspecify.annotations.NullMarked;
