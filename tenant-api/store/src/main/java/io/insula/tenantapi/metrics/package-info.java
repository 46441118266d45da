/// The metrics of one server, in Prometheus' text format.
///
/// [MetricRegistry] belongs to one server: nothing here is static, so that the servers of one JVM share no number.
/// A family knows its labels; a series exists from its first value on (or its first reading, for what is asked at
/// scrape time), so that an idle server holds next to nothing.
///
/// Not here: which metrics there are; each part of the server makes its own.
@NullMarked
package io.insula.tenantapi.metrics;

import org.jspecify.annotations.NullMarked;
