// Finds how a running object has drifted from the manifest that it was made from, and makes the patch that
// would put it back. Here both are in this file; they could come from a cluster and a repository.
import { applyJsonPatch, Differ } from 'sealdiff'

const manifest = `
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  containers:
  - name: proxy
    image: proxy:1.4
  - name: web
    image: web:2.0
    env: &env { LOG: info }
  - name: worker
    image: worker:2.0
    env: *env
`

const live = {
  kind: 'Deployment',
  metadata: { name: 'web', uid: '7f3c', managedFields: [{ manager: 'kubectl' }] },
  spec: {
    replicas: 5,
    containers: [
      { name: 'web', image: 'web:2.1', env: { LOG: 'info' } },
      { name: 'worker', image: 'worker:2.0', env: { LOG: 'info' } },
    ],
  },
  status: { readyReplicas: 5 },
}

const drift = await new Differ().json(live, manifest, {
  format: 'yaml',
  ignore: ['/metadata/uid', '/metadata/managedFields', '/status'],
  arrayKey: 'name',
})

console.log(drift.unified({ context: 1, header: { oldName: 'live', newName: 'manifest' } }))
console.log(`drifted: ${drift.paths.join(' ')}`)
for (const { op, path } of drift.patch) console.log(`${op.padEnd(8)}${path}`)

const mended = applyJsonPatch(live, drift.patch)
console.log(`mended: ${mended.spec.replicas} replicas, uid ${mended.metadata.uid}`)
