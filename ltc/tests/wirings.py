"""Wirings of ncps 1.0.1 (NumPy's generators) for many arguments: one line each, the non-zero entries folded."""
import importlib.util, sys, pathlib, numpy as np, random
spec=importlib.util.spec_from_file_location('w', next(pathlib.Path(sys.prefix).glob('lib/*/site-packages/ncps/wirings/wirings.py')))
w=importlib.util.module_from_spec(spec); spec.loader.exec_module(w)
def fold(a):
    # Polynomial hash of (target, source, polarity), in their order, modulo a prime.
    h=7
    for t in range(a.shape[1]):
        for s in np.nonzero(a[:,t])[0]:
            h=(h*1000003+ (t*1000+int(s))*2+(1 if a[s,t]>0 else 0))%2305843009213693951
    return h
rnd=random.Random(5)
print("kind,arguments,inputs,synapses,sensory,fold,sensory_fold")
def out(kind,args,w_,i):
    w_.build(i)
    a,s=w_.adjacency_matrix,w_.sensory_adjacency_matrix
    print(f"{kind},{' '.join(map(str,args))},{i},{np.count_nonzero(a)},{np.count_nonzero(s)},{fold(a)},{fold(s)}")
for k in range(60):
    u=rnd.randint(1,40); o=rnd.randint(1,u); seed=rnd.choice([1111,0,rnd.getrandbits(31),rnd.getrandbits(60)]); i=rnd.randint(1,12); sc=rnd.randint(0,1)
    out('full',(u,o,sc,seed),w.FullyConnected(u,o,erev_init_seed=seed,self_connections=bool(sc)),i)
for k in range(60):
    u=rnd.randint(1,40) if k<56 else 128; o=rnd.randint(1,u); seed=rnd.choice([1111,rnd.getrandbits(31)]); i=rnd.randint(1,12); sp=round(rnd.random()*.98,2)
    out('random',(u,o,sp,seed),w.Random(u,o,sparsity_level=sp,random_seed=seed),i)
n=0
while n<120:
    inter,cmd,mot=rnd.randint(1,30),rnd.randint(1,20),rnd.randint(1,8); sf,inf,mf=rnd.randint(1,inter),rnd.randint(1,cmd),rnd.randint(1,cmd); r=rnd.randint(0,20); seed=rnd.choice([22222,0,rnd.getrandbits(32)]); i=rnd.randint(1,12)
    try: out('ncp',(inter,cmd,mot,sf,inf,r,mf,seed),w.NCP(inter,cmd,mot,sf,inf,r,mf,seed=seed),i); n+=1
    except ValueError: pass
n=0
while n<120:
    u=rnd.randint(5,64); o=rnd.randint(1,max(1,(u-3)//2)); sp=round(rnd.uniform(.1,1),2); seed=rnd.choice([22222,rnd.getrandbits(32)]); i=rnd.randint(1,12)
    try: out('auto',(u,o,sp,seed),w.AutoNCP(u,o,sparsity_level=sp,seed=seed),i); n+=1
    except ValueError: pass
