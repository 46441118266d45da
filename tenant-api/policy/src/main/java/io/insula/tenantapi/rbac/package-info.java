/// Role based access control: who of the tenant may do what, by its own Roles, ClusterRoles and their bindings.
///
/// [RbacAuthorizer] is the entry point. It decides by a `Policy`, an immutable image of all roles and bindings, which
/// `RbacIndex` keeps while somebody needs it: the first check of anyone but `system:masters` lists the four kinds and
/// watches them; after a minute without a check everything is let go. `EscalationCheck` refuses writes by which a user
/// would grant more than the user holds.
///
/// Threads: `Policy` and its parts are immutable; `RbacIndex` guards its state with one lock and owns no thread.
/// `NodeAuthorizer` stands before it: nodes have what their pods need, by no role.
/// Not here: attribute-based or webhook authorization.
@NullMarked
package io.insula.tenantapi.rbac;

import org.jspecify.annotations.NullMarked;
