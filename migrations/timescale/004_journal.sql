-- What a commit told is read once or twice within minutes and then deleted: packing it costs each commit more than it saves.
alter table journal alter column entries set storage external, alter column rest set storage external;
