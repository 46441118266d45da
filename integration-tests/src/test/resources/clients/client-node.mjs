// One session of a program that uses @kubernetes/client-node: prints a line for each step that went as on any cluster.
// Usage: node client-node.mjs KUBECONFIG
import * as k8s from '@kubernetes/client-node';

const namespace = 'client-node';
const config = new k8s.KubeConfig();
config.loadFromFile(process.argv[2]);
const core = config.makeApiClient(k8s.CoreV1Api);
const apps = config.makeApiClient(k8s.AppsV1Api);
const objects = k8s.KubernetesObjectApi.makeApiClient(config);

function check(holds, what) {
  if (!holds) {
    throw new Error(`not as expected: ${what}`);
  }
  console.log(what);
}

function within(promise, what) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`not in time: ${what}`)), 60_000).unref());
  return Promise.race([promise, late]);
}

await core.createNamespace({ body: { metadata: { name: namespace } } });
const spaces = await core.listNamespace();
check(spaces.items.some((n) => n.metadata.name === namespace), 'namespace is listed');

const seen = [];
let wake = () => {};
const informer = k8s.makeInformer(
  config, `/api/v1/namespaces/${namespace}/configmaps`, () => core.listNamespacedConfigMap({ namespace }));
for (const event of ['add', 'update', 'delete']) {
  informer.on(event, (object) => {
    seen.push(`${event} ${object.metadata.name}`);
    wake();
  });
}
await informer.start();
async function informed(what) {
  while (!seen.includes(what)) {
    await new Promise((resolve) => { wake = resolve; });
  }
}

await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'settings' }, data: { a: '1' } } });
await within(informed('add settings'), 'informer tells of a new object');
check(true, 'informer tells of a new object');

const merged = await core.patchNamespacedConfigMap(
  { name: 'settings', namespace, body: { data: { b: '2' } } },
  k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch));
check(merged.data.a === '1' && merged.data.b === '2', 'merge patch');
await within(informed('update settings'), 'informer tells of a change');

const replaced = await core.replaceNamespacedConfigMap(
  { name: 'settings', namespace, body: { ...merged, data: { c: '3' } } });
check(JSON.stringify(replaced.data) === '{"c":"3"}', 'replace');
try {
  await core.replaceNamespacedConfigMap({ name: 'settings', namespace, body: { ...merged, data: {} } });
  check(false, 'a stale replace is refused');
} catch (error) {
  check(error.code === 409, 'a stale replace is refused');
}
try {
  await core.readNamespacedConfigMap({ name: 'nope', namespace });
  check(false, 'what is not there is not found');
} catch (error) {
  check(error.code === 404, 'what is not there is not found');
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
  },
};
const applied = await objects.patch(
  deployment, undefined, undefined, 'client-node', undefined, k8s.PatchStrategy.ServerSideApply);
check(applied.metadata.managedFields.some((f) => f.manager === 'client-node' && f.operation === 'Apply'),
  'server-side apply');
const scaled = await apps.patchNamespacedDeploymentScale(
  { name: 'web', namespace, body: [{ op: 'replace', path: '/spec/replicas', value: 2 }] },
  k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.JsonPatch));
check(scaled.spec.replicas === 2, 'scale by JSON patch');

const pods = new Set();
await within(
  new Promise((resolve, reject) => {
    const watch = new k8s.Watch(config);
    watch.watch(`/api/v1/namespaces/${namespace}/pods`, {}, (_, pod) => {
      if (pod.status?.phase === 'Running') {
        pods.add(pod.metadata.name);
      }
      if (pods.size === 2) {
        resolve();
      }
    }, (error) => (error ? reject(error) : resolve())).catch(reject);
  }),
  'a watch shows both pods running');
check(pods.size === 2, 'a watch shows both pods running');

await core.deleteNamespacedConfigMap({ name: 'settings', namespace });
await within(informed('delete settings'), 'informer tells of a deletion');
check(true, 'informer tells of a deletion');
await informer.stop();
await core.deleteNamespace({ name: namespace });
console.log('done');
process.exit(0);
