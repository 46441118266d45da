package io.insula.syncer.engine;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Who may write. On either side it is one class, so that every write is guarded, and in the audit.
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.insula.syncer");

    /// What the client's own calls are named that change something.
    private static final Set<String> WRITES = Set.of(
            "create",
            "createOr",
            "createOrReplace",
            "update",
            "updateStatus",
            "edit",
            "editStatus",
            "accept",
            "patch",
            "patchStatus",
            "replace",
            "replaceStatus",
            "delete",
            "evict",
            "scale",
            "serverSideApply",
            "unlock");

    @Test
    void onlyTheWriterSends() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(Writer.class, HttpApi.class, WatchedApi.class, Api.class)
                .should()
                .callMethodWhere(describe(
                        "it sends to an API server",
                        (JavaMethodCall call) -> call.getName().equals("send")
                                && call.getTargetOwner().isAssignableTo(Api.class)))
                .check(CLASSES);
    }

    @Test
    void nobodyWritesByTheClientsOwnCalls() {
        noClasses()
                .should()
                .callMethodWhere(describe(
                        "it writes",
                        (JavaMethodCall call) -> WRITES.contains(call.getName())
                                && call.getTargetOwner().getPackageName().startsWith("io.fabric8.kubernetes.client")))
                .check(CLASSES);
    }

    @Test
    void onlyTheAdapterHasTheClientsConnections() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(HttpApi.class)
                .should()
                .callMethodWhere(describe(
                        "it takes the client's own connection",
                        (JavaMethodCall call) -> call.getName().equals("getHttpClient")))
                .check(CLASSES);
    }

    /// Who looks at the host has what can only look.
    @Test
    void onlyTheWriterKeepsTheHostsWritingSide() {
        fields().that()
                .haveRawType(Api.class)
                .should()
                .beDeclaredIn(Writer.class)
                .orShould()
                .beDeclaredIn(AttachedTenant.class)
                .orShould()
                .beDeclaredIn(WatchedApi.class)
                .because("a tenant carries its own")
                .check(CLASSES);
    }

    @Test
    void knowsNoTenantApiButTheClients() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.insula.tenantapi..", "io.insula.controlplane..")
                .check(CLASSES);
    }
}
