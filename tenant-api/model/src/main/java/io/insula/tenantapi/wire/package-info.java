/// The wire formats of the Kubernetes API: JSON, YAML and `application/vnd.kubernetes.protobuf`, to and from
/// JSON trees, and the negotiation between them.
///
/// [WireCodec] is the entry point; [Negotiation] reads `Accept`. Everything is immutable or stateless and shared by all
/// servers of a JVM. protobuf is driven by the descriptors of upstream's messages: no kind is named here.
/// What it does not do: default, validate or check fields against a schema.
@NullMarked
package io.insula.tenantapi.wire;

import org.jspecify.annotations.NullMarked;
