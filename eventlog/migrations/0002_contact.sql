-- Names and addresses of people stay out of the log: here they can be changed and erased without touching an event.
create table contact (
    roadmap text not null,
    code text not null,
    name text not null,
    email text,
    primary key (roadmap, code)
);
