package io.insula.syncer.kinds;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.LabelSelectorBuilder;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirement;
import io.fabric8.kubernetes.api.model.LabelSelectorRequirementBuilder;
import io.fabric8.kubernetes.api.model.PodAffinityTerm;
import io.fabric8.kubernetes.api.model.PodAffinityTermBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTerm;
import io.fabric8.kubernetes.api.model.WeightedPodAffinityTermBuilder;
import io.insula.syncer.engine.InsulaLabels;
import io.insula.syncer.engine.NameMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Pod selectors of a tenant as selectors over its host pods. All tenant namespaces are one on the host, so namespaces
/// become labels; every selector keeps to the tenant.
///
/// @param namespace the pod's own, in the tenant
record AffinityTerms(NameMap names, String namespace) {

    /// Whether the affinity asks for namespaces by their labels, which host pods do not carry.
    static boolean selectsNamespaces(@Nullable Affinity affinity) {
        if (affinity == null) {
            return false;
        }
        var terms = new java.util.ArrayList<PodAffinityTerm>();
        if (affinity.getPodAffinity() != null) {
            terms.addAll(affinity.getPodAffinity().getRequiredDuringSchedulingIgnoredDuringExecution());
            affinity.getPodAffinity()
                    .getPreferredDuringSchedulingIgnoredDuringExecution()
                    .forEach(each -> terms.add(each.getPodAffinityTerm()));
        }
        if (affinity.getPodAntiAffinity() != null) {
            terms.addAll(affinity.getPodAntiAffinity().getRequiredDuringSchedulingIgnoredDuringExecution());
            affinity.getPodAntiAffinity()
                    .getPreferredDuringSchedulingIgnoredDuringExecution()
                    .forEach(each -> terms.add(each.getPodAffinityTerm()));
        }
        return terms.stream()
                .map(PodAffinityTerm::getNamespaceSelector)
                .anyMatch(selector -> selector != null && !isEverything(selector));
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
                .map(each -> new TopologySpreadConstraintBuilder(each)
                        .withLabelSelector(selector(each.getLabelSelector(), List.of(namespace)))
                        .withMatchLabelKeys(each.getMatchLabelKeys().stream()
                                .map(NameMap::hostLabel)
                                .toList())
                        .build())
                .toList();
    }

    private List<PodAffinityTerm> terms(List<PodAffinityTerm> own) {
        return own.stream().map(this::term).toList();
    }

    private List<WeightedPodAffinityTerm> weighted(List<WeightedPodAffinityTerm> own) {
        return own.stream()
                .map(each -> new WeightedPodAffinityTermBuilder(each)
                        .withPodAffinityTerm(term(each.getPodAffinityTerm()))
                        .build())
                .toList();
    }

    private PodAffinityTerm term(PodAffinityTerm own) {
        boolean everywhere = own.getNamespaceSelector() != null && isEverything(own.getNamespaceSelector());
        var namespaces = own.getNamespaces().isEmpty() ? List.of(namespace) : own.getNamespaces();
        return new PodAffinityTermBuilder(own)
                .withLabelSelector(selector(own.getLabelSelector(), everywhere ? List.of() : namespaces))
                .withNamespaces(List.of())
                .withNamespaceSelector(null)
                .withMatchLabelKeys(
                        own.getMatchLabelKeys().stream().map(NameMap::hostLabel).toList())
                .withMismatchLabelKeys(own.getMismatchLabelKeys().stream()
                        .map(NameMap::hostLabel)
                        .toList())
                .build();
    }

    /// No selector matches nothing, here as there.
    private @Nullable LabelSelector selector(@Nullable LabelSelector own, List<String> namespaces) {
        if (own == null) {
            return null;
        }
        var builder = new LabelSelectorBuilder()
                .withMatchLabels(NameMap.hostLabels(own.getMatchLabels()))
                .addToMatchLabels(InsulaLabels.TENANT, names.tenant().value())
                .withMatchExpressions(own.getMatchExpressions().stream()
                        .map(AffinityTerms::requirement)
                        .toList());
        if (!namespaces.isEmpty()) {
            builder.addNewMatchExpression()
                    .withKey(InsulaLabels.NAMESPACE)
                    .withOperator("In")
                    .withValues(namespaces)
                    .endMatchExpression();
        }
        return builder.build();
    }

    private static LabelSelectorRequirement requirement(LabelSelectorRequirement own) {
        return new LabelSelectorRequirementBuilder(own)
                .withKey(NameMap.hostLabel(own.getKey()))
                .build();
    }

    private static boolean isEverything(LabelSelector selector) {
        return selector.getMatchExpressions().isEmpty()
                && (selector.getMatchLabels() == null
                        || selector.getMatchLabels().isEmpty());
    }
}
