package io.insula.tenantapi.kinds;

import static org.assertj.core.api.Assertions.assertThat;

import io.insula.tenantapi.registry.StoredKind;
import org.junit.jupiter.api.Test;

/// What a DELETE answers that removed the object at once.
final class DeletedObjectTest {

    /// Source: Kubernetes, `pkg/registry/*/*/storage/storage.go`, ReturnDeletedObject.
    @Test
    void isTheObjectForKindsForWhichUpstreamAnswersIt() {
        assertThat(AllKinds.of(StoredKind.class).stream()
                        .filter(StoredKind::returnsDeletedObject)
                        .map(kind -> kind.spec().gvr().resource())
                        .distinct())
                .containsExactlyInAnyOrder(
                        "csidrivers",
                        "csinodes",
                        "deviceclasses",
                        "namespaces",
                        "persistentvolumeclaims",
                        "persistentvolumes",
                        "pods",
                        "podtemplates",
                        "resourceclaims",
                        "resourceclaimtemplates",
                        "resourcequotas",
                        "resourceslices",
                        "serviceaccounts",
                        "services",
                        "storageclasses",
                        "volumeattachments",
                        "volumeattributesclasses");
    }
}
