-- A report that lies with the controller is told of: a new fact, and version 3 of what facts look like.

create or replace function readable(
    p_type text, p_schema_version integer, p_occurred_on date, p_at timestamptz, p_received_at timestamptz, p_actor text,
    p_command_id text, p_data text, p_command text, p_writer text
) returns boolean language sql immutable begin atomic
    select p_type in (
               'MeasurePlanned', 'AssignmentOpened', 'ReminderIssued', 'ReminderSuppressed', 'ProgressReported',
               'InterimMissed', 'ExecutionReported', 'ExecutionAccepted', 'ReviewAwaited', 'ReturnedForRework',
               'DeadlineMissed', 'Escalated', 'ExtensionRequested', 'DeadlineExtended', 'ExtensionRefused', 'AssignmentWithdrawn',
               'AssignmentReassigned', 'ScheduleSet', 'MeasureCompleted', 'CommandRefused', 'NoticeDelivered',
               'NoticeFiled', 'NoticeFailed', 'NoticeSuppressed', 'LetterResent', 'LeftOpenAtClose', 'MeasureClosed', 'YearStarted',
               'IndicatorMeasured', 'ContactErased', 'YearClosed')
       and p_schema_version between 1 and 3
       and p_occurred_on between '0001-01-01'::date and '9999-12-31'::date
       and p_at between '0002-01-01 00:00:00+00'::timestamptz and '9998-12-31 23:59:59.999999+00'::timestamptz
       and p_received_at between '0002-01-01 00:00:00+00'::timestamptz and '9998-12-31 23:59:59.999999+00'::timestamptz
       and char_length(p_actor) between 1 and 200
       and (p_command_id is null or char_length(p_command_id) between 1 and 200)
       and char_length(p_writer) between 1 and 200
       and octet_length(p_data) <= 16777216 and json_typeof(p_data::json) = 'object'
       and (p_command is null or octet_length(p_command) <= 4194304 and json_typeof(p_command::json) = 'object');
end;
