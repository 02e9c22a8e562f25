import { choice, flag, integer, list, object, scalar, type Type, text } from '../schema/type.ts';
import { enabled } from './enabled.ts';
import { portNumber } from './felix-ports.ts';

const severity = choice(['Trace', 'Debug', 'Info', 'Warning', 'Error', 'Fatal'], { anyCase: true });
const duration = scalar('duration');

/** What FelixConfiguration says of logs, metrics, reports and Felix’s own process. */
export const felixReporting: Readonly<Record<string, Type>> = {
  logDebugFilenameRegex: text({ format: 'regexp' }),
  logFilePath: text(),
  logPrefix: text({ pattern: ['^[a-zA-Z0-9%: /_-]*$', 'must consist of letters, digits, blanks and % : / _ -'] }),
  logSeverityFile: severity,
  logSeverityScreen: severity,
  logSeveritySys: severity,
  logActionRateLimit: text({
    pattern: ['^[1-9]\\d{0,3}/(?:second|minute|hour|day)$', 'must be such as "10/second", also minute, hour or day'],
  }),
  logActionRateLimitBurst: integer({ min: 0, max: 9_999 }),
  prometheusGoMetricsEnabled: flag(),
  prometheusMetricsCAFile: text(),
  prometheusMetricsCertFile: text(),
  prometheusMetricsClientAuth: text(),
  prometheusMetricsEnabled: flag(),
  prometheusMetricsHost: text({ format: 'prometheusHost' }),
  prometheusMetricsKeyFile: text(),
  prometheusMetricsPort: portNumber,
  prometheusProcessMetricsEnabled: flag(),
  prometheusWireGuardMetricsEnabled: flag(),
  healthEnabled: flag(),
  healthHost: text(),
  healthPort: portNumber,
  healthTimeoutOverrides: list(object({ name: text({ required: true }), timeout: { ...duration, required: true } })),
  reportingInterval: duration,
  reportingTTL: duration,
  endpointReportingDelay: duration,
  endpointReportingEnabled: flag(),
  endpointStatusPathPrefix: text(),
  usageReportingEnabled: flag(),
  usageReportingInitialDelay: duration,
  usageReportingInterval: duration,
  flowLogsCollectorDebugTrace: flag(),
  flowLogsFlushInterval: duration,
  flowLogsGoldmaneServer: text(),
  flowLogsLocalReporter: choice(enabled),
  flowLogsPolicyEvaluationMode: choice(['None', 'Continuous']),
  debugDisableLogDropping: flag(),
  debugHost: text(),
  debugMemoryProfilePath: text(),
  debugPort: portNumber,
  debugSimulateCalcGraphHangAfter: duration,
  debugSimulateDataplaneApplyDelay: duration,
  debugSimulateDataplaneHangAfter: duration,
  goGCThreshold: integer({ min: -1 }),
  goMaxProcs: integer({ min: -1 }),
  goMemoryLimitMB: integer({ min: -1 }),
};
