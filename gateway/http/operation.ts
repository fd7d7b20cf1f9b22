/** What whoever runs the gateway asks: does it live, should it get requests, how much does it do. Nothing here is for the world. */
import fastify, { type FastifyInstance } from 'fastify';
import { CONTENT_TYPE } from '../metrics/exposition.ts';

export const healthPaths = { health: '/healthz', ready: '/readyz' } as const;
const METRICS_PATH = '/metrics';

export interface HealthOptions {
  readonly intakeState: () => string;
  /** Why the gateway should get no requests now, in words; empty when it should. */
  readonly notReady: () => Promise<readonly string[]>;
}

export interface OperationOptions extends HealthOptions {
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

export function healthRoutes(app: FastifyInstance, { intakeState, notReady }: HealthOptions): void {
  app.get(healthPaths.health, async () => ({ gateway: 'ok', intake: intakeState() }));
  app.get(healthPaths.ready, async (_request, reply) => {
    const reasons = await notReady();
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
}

/** The same on a listener of its own, and there alone the metrics: behind a proxy that passes on every path all peers are on loopback. */
export function operationApp(options: OperationOptions): FastifyInstance {
  // Its connections end with it: who watches a gateway must not keep it from stopping.
  const app = fastify({ logger: false, bodyLimit: 1024, requestTimeout: 10_000, forceCloseConnections: true });
  healthRoutes(app, options);
  app.get(METRICS_PATH, async (_request, reply) => reply.type(CONTENT_TYPE).send(await options.metrics()));
  return app;
}
