/// Admission that a tenant declares in objects: ValidatingAdmissionPolicies with their bindings, mutating and
/// validating webhooks.
///
/// [io.insula.tenantapi.admission.extension.ExtensionAdmission] makes the plugins of one server. They know the
/// declarations of that tenant from a cache which is filled at the first write, follows every write through this
/// server at once and others by watch, and compiles each expression once. Rules are matched by
/// [io.insula.tenantapi.admission.extension.MatchCriteria], expressions see a request through
/// [io.insula.tenantapi.admission.extension.RequestVariables].
///
/// Not here: MutatingAdmissionPolicy, which Kubernetes 1.34 does not serve by default.
@NullMarked
package io.insula.tenantapi.admission.extension;

import org.jspecify.annotations.NullMarked;
