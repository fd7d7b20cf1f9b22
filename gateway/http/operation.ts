/** What whoever runs the gateway asks: does it live, should it get requests, how much does it do. Nothing here is for the world. */
import fastify, { type FastifyInstance } from 'fastify';
import { CONTENT_TYPE } from '../metrics/exposition.ts';

export const operationPaths = { health: '/healthz', ready: '/readyz', metrics: '/metrics' } as const;

export interface OperationOptions {
  readonly intakeState: () => string;
  /** Why the gateway should get no requests now, in words; empty when it should. */
  readonly notReady: () => Promise<readonly string[]>;
  /** In Prometheus' text format. */
  readonly metrics: () => Promise<string>;
}

export function operationRoutes(app: FastifyInstance, { intakeState, notReady, metrics }: OperationOptions): void {
  app.get(operationPaths.health, async () => ({ gateway: 'ok', intake: intakeState() }));
  app.get(operationPaths.ready, async (_request, reply) => {
    const reasons = await notReady();
    return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
  });
  app.get(operationPaths.metrics, async (_request, reply) => reply.type(CONTENT_TYPE).send(await metrics()));
}

/** The same on a listener of their own. */
export function operationApp(options: OperationOptions): FastifyInstance {
  // Its connections end with it: who watches a gateway must not keep it from stopping.
  const app = fastify({ logger: false, bodyLimit: 1024, requestTimeout: 10_000, forceCloseConnections: true });
  operationRoutes(app, options);
  return app;
}
