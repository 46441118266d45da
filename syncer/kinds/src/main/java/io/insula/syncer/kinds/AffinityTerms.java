package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodAffinityTermBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTermBuilder;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import io.insula.syncer.engine.TenantView;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Pod selectors of a tenant as selectors over its host pods. All tenant namespaces are one on the host, so namespaces
/// become labels, and so do theirs ([NamespaceLabels]); every selector keeps to the tenant.
///
/// @param namespace the pod's own, in the tenant
/// @param selected the names of the tenant's namespaces that a selector matches now
/// @param own topologies of the tenant's own, which the host does not know: [OwnTopology]
record AffinityTerms(NameMap names, String namespace, Function<LabelSelector, List<String>> selected, Set<String> own) {

    static AffinityTerms of(Pod tenant, TenantView view, Set<String> own) {
        return new AffinityTerms(
                view.names(),
                Kinds.namespace(tenant),
                selector -> view.tenantObjects(Kinds.NAMESPACE).stream()
                        .filter(each -> NamespaceLabels.matches(
                                selector, Kinds.name(each), each.getMetadata().getLabels()))
                        .map(Kinds::name)
                        .toList(),
                own);
    }

    @Nullable
    Affinity affinity(@Nullable Affinity own) {
        if (own == null) {
            return null;
        }
        var builder = new AffinityBuilder(own);
        if (own.getPodAffinity() != null) {
            builder.editPodAffinity()
                    .withRequiredDuringSchedulingIgnoredDuringExecution(
                            terms(own.getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecution()))
                    .withPreferredDuringSchedulingIgnoredDuringExecution(
                            weighted(own.getPodAffinity().getPreferredDuringSchedulingIgnoredDuringExecution()))
                    .endPodAffinity();
        }
        if (own.getPodAntiAffinity() != null) {
            builder.editPodAntiAffinity()
                    .withRequiredDuringSchedulingIgnoredDuringExecution(
                            terms(own.getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecution()))
                    .withPreferredDuringSchedulingIgnoredDuringExecution(
                            weighted(own.getPodAntiAffinity().getPreferredDuringSchedulingIgnoredDuringExecution()))
                    .endPodAntiAffinity();
        }
        return builder.build();
    }

    List<TopologySpreadConstraint> spread(List<TopologySpreadConstraint> own) {
        return own.stream()
                .filter(each -> !this.own.contains(each.getTopologyKey()))
                .map(each -> new TopologySpreadConstraintBuilder(each)
                        .withLabelSelector(selector(each.getLabelSelector(), within(List.of(namespace))))
                        .withMatchLabelKeys(each.getMatchLabelKeys().stream()
                                .map(NameMap::hostLabel)
                                .toList())
                        .build())
                .toList();
    }

    private List<PodAffinityTerm> terms(List<PodAffinityTerm> own) {
        return own.stream()
                .filter(each -> !this.own.contains(each.getTopologyKey()))
                .map(this::term)
                .toList();
    }

    private List<WeightedPodAffinityTerm> weighted(List<WeightedPodAffinityTerm> own) {
        return own.stream()
                .filter(each -> each.getPodAffinityTerm() == null
                        || !this.own.contains(each.getPodAffinityTerm().getTopologyKey()))
                .map(each -> new WeightedPodAffinityTermBuilder(each)
                        .withPodAffinityTerm(term(each.getPodAffinityTerm()))
                        .build())
                .toList();
    }

    private PodAffinityTerm term(PodAffinityTerm own) {
        return new PodAffinityTermBuilder(own)
                .withLabelSelector(selector(own.getLabelSelector(), namespaces(own)))
                .withNamespaces(List.of())
                .withNamespaceSelector(null)
                .withMatchLabelKeys(
                        own.getMatchLabelKeys().stream().map(NameMap::hostLabel).toList())
                .withMismatchLabelKeys(own.getMismatchLabelKeys().stream()
                        .map(NameMap::hostLabel)
                        .toList())
                .build();
    }

    /// The namespaces named and those selected, together; neither is the pod's own, an empty selector is all. Where
    /// both are given no selector over pods can say "either": then it is the names selected at this moment.
    ///
    /// Source: Kubernetes API reference, `PodAffinityTerm`.
    private List<LabelSelectorRequirement> namespaces(PodAffinityTerm own) {
        var selector = own.getNamespaceSelector();
        if (selector == null) {
            return within(own.getNamespaces().isEmpty() ? List.of(namespace) : own.getNamespaces());
        }
        if (Selectors.isEverything(selector)) {
            return List.of();
        }
        if (!own.getNamespaces().isEmpty()) {
            return within(Stream.concat(own.getNamespaces().stream(), selected.apply(selector).stream())
                    .distinct()
                    .toList());
        }
        var labels = selector.getMatchLabels() == null ? Map.<String, String>of() : selector.getMatchLabels();
        return Stream.concat(
                        labels.entrySet().stream()
                                .map(each -> requirement(each.getKey(), "In", List.of(each.getValue()))),
                        selector.getMatchExpressions().stream()
                                .map(each -> requirement(each.getKey(), each.getOperator(), each.getValues())))
                .toList();
    }

    private static LabelSelectorRequirement requirement(String key, String operator, List<String> values) {
        return new LabelSelectorRequirement(NamespaceLabels.key(key), operator, values);
    }

    private static List<LabelSelectorRequirement> within(List<String> namespaces) {
        return List.of(new LabelSelectorRequirement(InsulaLabels.NAMESPACE, "In", namespaces));
    }

    /// No selector matches nothing, here as there.
    private @Nullable LabelSelector selector(@Nullable LabelSelector own, List<LabelSelectorRequirement> namespaces) {
        if (own == null) {
            return null;
        }
        return new LabelSelectorBuilder()
                .withMatchLabels(NameMap.hostLabels(own.getMatchLabels()))
                .addToMatchLabels(InsulaLabels.TENANT, names.tenant().value())
                .withMatchExpressions(own.getMatchExpressions().stream()
                        .map(AffinityTerms::requirement)
                        .toList())
                .addAllToMatchExpressions(namespaces)
                .build();
    }

    private static LabelSelectorRequirement requirement(LabelSelectorRequirement own) {
        return new LabelSelectorRequirementBuilder(own)
                .withKey(NameMap.hostLabel(own.getKey()))
                .build();
    }
}
