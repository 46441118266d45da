/// Objects seen as what they are: thin records over a JSON tree, which they neither copy nor change. A view costs the
/// record and nothing else; an absent field reads as the empty text, zero or a missing node, as in the tree.
///
/// [PodView], [PodSpecView] and [ContainerView] are the one place where a pod's containers are walked;
/// [WorkloadView] is for whatever has a selector or a pod template; [Condition] for an entry of
/// `status.conditions`; [LabelSelectors] and [Nodes] say whom selectors and taints mean.
@NullMarked
package io.insula.tenantapi.view;

import org.jspecify.annotations.NullMarked;
