package io.insula.tenantapi.controllers.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.reconcile.Outcome;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.controllers.Claims;
import io.insula.tenantapi.controllers.Controller;
import io.insula.tenantapi.controllers.ControllerContext;
import io.insula.tenantapi.controllers.ControllerFactory;
import io.insula.tenantapi.controllers.ControllerSpec;
import io.insula.tenantapi.controllers.Key;
import io.insula.tenantapi.controllers.ObjectEvent;
import io.insula.tenantapi.controllers.Resources;
import io.insula.tenantapi.controllers.Store;
import io.insula.tenantapi.controllers.objects.Owners;
import io.insula.tenantapi.view.LabelSelectors;
import io.insula.tenantapi.view.WorkloadView;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Runs Jobs to their end: [JobPass] decides, [JobPool] makes and ends pods, [JobLedger] counts. A key is a
/// Job, or a pod that still carries a Job's finalizer and has no Job any more. Source: kubernetes,
/// `pkg/controller/job`.
final class JobController implements Controller {

    private static final String OURSELVES = "kubernetes.io/job-controller";

    /// Cannot begin the name of any object.
    private static final String ORPHAN = "/pod/";

    private final JobTools tools;
    private final Store jobs;
    private final Store pods;
    private final Claims claims;

    private JobController(ControllerContext context) {
        this.tools = new JobTools(context.client(), context.clock(), context.events());
        this.jobs = context.store(Resources.JOBS);
        this.pods = context.store(Resources.PODS);
        this.claims = new Claims(context.client(), Resources.JOBS, Resources.PODS, JobPods.FINALIZER);
    }

    @Singleton
    static final class Factory implements ControllerFactory {
        @Override
        public String name() {
            return "job-controller";
        }

        @Override
        public Controller create(ControllerContext context) {
            return new JobController(context);
        }
    }

    @Override
    public ControllerSpec spec() {
        return ControllerSpec.of(Resources.JOBS)
                .watch(Resources.PODS, this::jobsOf)
                .workers(5);
    }

    @Override
    public Outcome reconcile(Key key) {
        if (key.name().startsWith(ORPHAN)) {
            releaseOrphan(new Key(key.namespace(), key.name().substring(ORPHAN.length())));
            return Outcome.SETTLED;
        }
        if (jobs.get(key).isEmpty()) {
            pods.inNamespace(key.namespace()).stream()
                    .filter(pod -> owner(pod).equals(Optional.of(key)))
                    .forEach(pod -> releaseOrphan(Key.of(pod)));
            tools.forget(key);
            return Outcome.SETTLED;
        }
        Optional<ObjectNode> found = tools.client().get(Resources.JOBS, key.namespace(), key.name());
        if (found.isEmpty()) {
            return Outcome.SETTLED; // the cache will say so
        }
        ObjectNode job = found.get();
        String manager = job.path("spec").path("managedBy").asText(OURSELVES);
        if (!manager.equals(OURSELVES)) {
            return Outcome.SETTLED;
        }
        if (JobPass.isFinished(job)) {
            tools.forget(key);
            return Outcome.SETTLED;
        }
        List<ObjectNode> mine = claims.claim(job, pods.inNamespace(key.namespace()), pod -> true);
        return new JobPass(tools, key, job, mine).run();
    }

    /// A pod whose Job is gone, or that its Job has let go, must not wait for anybody.
    private void releaseOrphan(Key key) {
        Optional<ObjectNode> found = pods.get(key);
        if (found.isEmpty() || !JobPods.isTracked(found.get())) {
            return;
        }
        ObjectNode pod = found.get();
        Optional<ObjectNode> job = owner(pod).flatMap(jobs::get);
        boolean owned = job.isPresent() && Owners.isControlledBy(pod, job.get()) && !JobPass.isFinished(job.get());
        if (!owned) {
            tools.release(key, pod);
            tools.released().remove(key);
        }
    }

    private Collection<Key> jobsOf(ObjectEvent event) {
        ObjectNode pod = event.object();
        Optional<Key> owner = owner(pod);
        if (owner.isPresent()) {
            observe(owner.get(), event);
            boolean orphan = JobPods.isTracked(pod)
                    && jobs.get(owner.get()).filter(JobPass::isFinished).isPresent();
            return orphan ? List.of(owner.get(), orphan(pod)) : List.of(owner.get());
        }
        if (event instanceof ObjectEvent.Updated(var before, var _)
                && owner(before).isPresent()) {
            return List.of(owner(before).get(), orphan(pod));
        }
        if (JobPods.isTracked(pod)) {
            return List.of(orphan(pod));
        }
        return jobs.inNamespace(Meta.namespace(pod)).stream()
                .filter(job -> LabelSelectors.matches(WorkloadView.of(job).selector(), Meta.labels(pod)))
                .map(Key::of)
                .toList();
    }

    private void observe(Key owner, ObjectEvent event) {
        ObjectNode pod = event.object();
        if (event instanceof ObjectEvent.Added) {
            tools.expectations().created(owner);
        }
        boolean gone = event instanceof ObjectEvent.Deleted;
        if (gone || Meta.isBeingDeleted(pod)) {
            tools.expectations().deleted(owner, Meta.uid(pod));
        }
        if (gone || !JobPods.isTracked(pod)) {
            tools.observed(owner, Meta.uid(pod));
        }
    }

    private static Key orphan(ObjectNode pod) {
        return new Key(Meta.namespace(pod), ORPHAN + Meta.name(pod));
    }

    private static Optional<Key> owner(ObjectNode pod) {
        return Owners.controllerName(pod, "batch", "Job").map(name -> new Key(Meta.namespace(pod), name));
    }
}
