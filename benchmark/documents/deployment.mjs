// A Kubernetes Deployment of about 3.4 KB as a cluster gives it back, and the same after a roll-out: another image,
// one replica more, one variable changed and one added.

const VARIABLES = ['LOG_LEVEL', 'DATABASE_URL', 'CACHE_URL', 'QUEUE_URL', 'REGION', 'FEATURES']

/** @returns {[object, object]} */
export function deployments() {
  const older = deployment({ image: '1.4.2', replicas: 3, generation: 17, level: 'info' })
  const newer = deployment({ image: '1.5.0', replicas: 4, generation: 18, level: 'debug' })
  newer.spec.template.spec.containers[0].env.push({ name: 'TRACING', value: 'on' })
  return [older, newer]
}

/** @returns {[string, string]} as YAML text */
export function deploymentTexts() {
  return deployments().map((document) => `${yaml(document, 0).join('\n')}\n`)
}

function deployment({ image, replicas, generation, level }) {
  const labels = { app: 'billing', component: 'api', 'app.kubernetes.io/managed-by': 'helm' }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'billing-api',
      namespace: 'production',
      generation,
      labels,
      annotations: {
        'deployment.kubernetes.io/revision': String(generation - 4),
        'meta.helm.sh/release-name': 'billing',
      },
    },
    spec: {
      replicas,
      revisionHistoryLimit: 10,
      selector: { matchLabels: { app: 'billing', component: 'api' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
      template: {
        metadata: {
          labels,
          annotations: { 'checksum/config': 'f1c2a8e7d05b', 'prometheus.io/scrape': 'true' },
        },
        spec: podSpec(image, level),
      },
    },
    status: { observedGeneration: generation, replicas, readyReplicas: replicas },
  }
}

function podSpec(image, level) {
  return {
    serviceAccountName: 'billing-api',
    terminationGracePeriodSeconds: 30,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001 },
    containers: [container(image, level), sidecar()],
    volumes: [
      { name: 'config', configMap: { name: 'billing-api', defaultMode: 420 } },
      { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } },
    ],
  }
}

function container(image, level) {
  return {
    name: 'api',
    image: `registry.example.com/billing/api:${image}`,
    imagePullPolicy: 'IfNotPresent',
    args: ['serve', '--config=/etc/billing/config.yaml', '--port=8080'],
    ports: [
      { name: 'http', containerPort: 8080, protocol: 'TCP' },
      { name: 'metrics', containerPort: 9090, protocol: 'TCP' },
    ],
    env: VARIABLES.map((name, at) =>
      at === 0
        ? { name, value: level }
        : { name, valueFrom: { secretKeyRef: { name: 'billing-api', key: name.toLowerCase() } } },
    ),
    resources: {
      requests: { cpu: '250m', memory: '256Mi' },
      limits: { cpu: '1', memory: '512Mi' },
    },
    livenessProbe: probe('/healthz', 10),
    readinessProbe: probe('/readyz', 5),
    volumeMounts: [
      { name: 'config', mountPath: '/etc/billing', readOnly: true },
      { name: 'tmp', mountPath: '/tmp' },
    ],
  }
}

function sidecar() {
  return {
    name: 'proxy',
    image: 'registry.example.com/platform/proxy:3.2.1',
    ports: [{ name: 'admin', containerPort: 15000, protocol: 'TCP' }],
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } },
    readinessProbe: probe('/ready', 5),
  }
}

function probe(path, periodSeconds) {
  return { httpGet: { path, port: 'http', scheme: 'HTTP' }, periodSeconds, failureThreshold: 3 }
}

/** Lines of YAML: enough of it for what is above. */
function yaml(value, depth) {
  const indent = ' '.repeat(depth)
  return Object.entries(value).flatMap(([key, member]) => {
    if (typeof member !== 'object') return [`${indent}${key}: ${scalar(member)}`]
    if (Array.isArray(member)) {
      return [`${indent}${key}:`, ...member.flatMap((item) => listItem(item, depth))]
    }
    return [`${indent}${key}:`, ...yaml(member, depth + 2)]
  })
}

function listItem(item, depth) {
  const indent = ' '.repeat(depth)
  if (typeof item !== 'object') return [`${indent}- ${scalar(item)}`]
  const [first, ...rest] = yaml(item, depth + 2)
  return [`${indent}- ${first.trimStart()}`, ...rest]
}

function scalar(value) {
  const isPlain = typeof value !== 'string' || /^[a-z/][^:#]*$/i.test(value)
  return isPlain ? String(value) : JSON.stringify(value)
}
