package io.insula.controlplane.tenant;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.insula.controlplane.audit.AuditTrail;
import io.insula.reconcile.Outcome;
import io.insula.reconcile.Outcome.RequeueAfter;
import java.net.HttpURLConnection;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Takes a tenant out of the world: first nobody works in it any more, then its data goes, then its namespace on the
/// host, and last of all the finalizer that held its object. May stop after any of it, and begins anew then.
record TenantRemoval(
        KubernetesClient host,
        TenantObjects objects,
        TenantUnits units,
        Attachments attachments,
        HostKinds kinds,
        TenantHealth health,
        AuditTrail audit) {

    private static final Logger LOG = LoggerFactory.getLogger(TenantRemoval.class);
    private static final ResourceDefinitionContext INGRESS_HOSTS = new ResourceDefinitionContext.Builder()
            .withGroup(Tenancy.GROUP)
            .withVersion(Tenancy.VERSION)
            .withKind("IngressHosts")
            .withPlural("ingresshosts")
            .withNamespaced(false)
            .build();

    private static final Duration SOON = Duration.ofMillis(300);

    /// Its object is to be deleted.
    Outcome remove(Tenant tenant) {
        if (!tenant.hasFinalizer(Tenancy.FINALIZER)) {
            return Outcome.SETTLED;
        }
        String name = TenantObjects.nameOf(tenant);
        detach(name);
        if (Tenancy.isWellFormed(name)) {
            units.of(name).runtime().destroy();
            if (!isNamespaceGone(name)) {
                return new RequeueAfter(SOON, "the end of the host namespace");
            }
            giveUpNames(name);
            kinds.forget();
        }
        forget(name);
        objects.letGo(tenant);
        LOG.atInfo().addKeyValue("tenant", name).log("tenant is gone");
        return Outcome.SETTLED;
    }

    /// Its object is gone without our finalizer having been asked: what runs is stopped, but data is never thrown
    /// away unasked.
    Outcome stop(String name) {
        detach(name);
        forget(name);
        return Outcome.SETTLED;
    }

    private void detach(String name) {
        attachments.detach(name);
        health.forget(name);
    }

    private void forget(String name) {
        units.close(name);
        audit.release(name);
    }

    /// Others may have them now.
    private void giveUpNames(String name) {
        try {
            host.genericKubernetesResources(INGRESS_HOSTS)
                    .withLabel(Tenancy.TENANT_LABEL, name)
                    .list()
                    .getItems()
                    .forEach(each -> host.resource(each).delete());
        } catch (KubernetesClientException e) {
            // a host that never had an Ingress of a tenant's
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }

    private boolean isNamespaceGone(String name) {
        Namespace namespace =
                host.namespaces().withName(Tenancy.hostNamespace(name)).get();
        if (namespace == null || !HostNamespaces.isOwned(namespace, name)) {
            return true;
        }
        if (!namespace.isMarkedForDeletion()) {
            host.resource(namespace).delete();
        }
        return false;
    }
}
